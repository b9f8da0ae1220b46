// What a page shows, as the part of its address behind #: whoever opens the address sees the same.
import type { FeatureId, Sort } from '../data/engine.js';

export interface Address {
  /** The group that is shown; the first one where it is absent. */
  readonly group?: string;
  readonly filter: string;
  /** |cosine| from which a partner counts. */
  readonly cut: number;
  readonly sort?: Sort;
  /** The feature that is looked at. */
  readonly feature?: FeatureId;
  /** What the map shows: `cut`, or the id of a metric. */
  readonly score: string;
  /** The SAE that others are held against on the map. */
  readonly baseline?: string;
  /** Artefacts that are switched off, by the ids of their findings. */
  readonly off: readonly string[];
  /** The finding whose evidence is open. */
  readonly finding?: string;
  readonly chart: 'histogram' | 'share';
  /** The panel that fills the screen. */
  readonly full?: string;
  /** The collection that stars go into; the first one where it is absent. */
  readonly into?: string;
  /** Columns of the table that were made wider or narrower: pixels, by their ids. */
  readonly widths?: Readonly<Record<string, number>>;
  /** What lies over the page. */
  readonly open?: 'collections' | 'keys' | 'compare';
}

export const start: Address = { filter: '', cut: 0.7, score: 'cut', off: [], chart: 'histogram' };

/** What is as it is at the start is left out. */
export function addressText(address: Address): string {
  const {
    group,
    filter,
    cut,
    sort,
    feature,
    score,
    baseline,
    off,
    finding,
    chart,
    full,
    into,
    widths,
    open,
  } = address;
  const sized = Object.entries(widths ?? {}).map(([id, pixels]) => `${id}:${pixels}`);
  const parts: [string, string | undefined][] = [
    ['group', group],
    ['filter', filter || undefined],
    ['cut', cut === start.cut ? undefined : String(cut)],
    ['sort', sort && `${sort.column}${sort.descending ? ':down' : ''}`],
    ['feature', feature && `${feature.feature}@${feature.sae}`],
    ['map', score === start.score ? undefined : score],
    ['baseline', baseline],
    ['off', off.length > 0 ? off.join(',') : undefined],
    ['finding', finding],
    ['chart', chart === start.chart ? undefined : chart],
    ['full', full],
    ['into', into],
    ['widths', sized.length > 0 ? sized.join(',') : undefined],
    ['open', open],
  ];
  const known = parts.filter((part): part is [string, string] => part[1] !== undefined);
  return new URLSearchParams(known).toString();
}

/** What cannot be read is as it is at the start. */
export function parseAddress(text: string): Address {
  const given = new URLSearchParams(text.replace(/^#/, ''));
  const get = (name: string) => given.get(name) || undefined;
  const cut = Number(get('cut') ?? Number.NaN);
  const [, column, down] = /^(\w+)(:down)?$/.exec(get('sort') ?? '') ?? [];
  const [, index, sae] = /^(\d{1,9})@(.+)$/.exec(get('feature') ?? '') ?? [];
  const open = get('open');
  return {
    ...start,
    ...optional('group', get('group')),
    filter: get('filter') ?? '',
    cut: cut >= 0 && cut <= 1 ? cut : start.cut,
    ...optional('sort', column ? { column, descending: down !== undefined } : undefined),
    ...optional('feature', sae ? { sae, feature: Number(index) } : undefined),
    score: get('map') ?? start.score,
    ...optional('baseline', get('baseline')),
    off: (get('off') ?? '').split(',').filter((one) => one !== ''),
    ...optional('finding', get('finding')),
    chart: get('chart') === 'share' ? 'share' : 'histogram',
    ...optional('full', get('full')),
    ...optional('into', get('into')),
    ...optional('widths', parseWidths(get('widths'))),
    ...optional('open', open === 'collections' || open === 'keys' || open === 'compare' ? open : undefined),
  };
}

function parseWidths(text = ''): Readonly<Record<string, number>> | undefined {
  const sized = text.split(',').flatMap((part) => {
    const [, id, pixels] = /^(\w+):(\d{2,4})$/.exec(part) ?? [];
    return id === undefined ? [] : [[id, Number(pixels)] as const];
  });
  return sized.length > 0 ? Object.fromEntries(sized) : undefined;
}

function optional<K extends keyof Address>(key: K, value: Address[K] | undefined): Partial<Address> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Address>);
}

/** Changes as they are asked for: a key that is undefined is taken away. */
export type Changes = { readonly [K in keyof Address]?: Address[K] | undefined };

export function changed(address: Address, changes: Changes): Address {
  const all = Object.entries({ ...address, ...changes }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as unknown as Address;
}

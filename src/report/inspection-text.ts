// What a file or folder turned out to be, for a terminal.
import { basename, relative } from 'node:path';
import { saeSources } from '../sae/read-sae.js';
import type {
  ActivationsInspection,
  FolderInspection,
  InspectedFile,
  Inspection,
  SaeInspection,
  SaeSummary,
  TensorsInspection,
} from './inspection.js';
import { count, percent, plain, plural, range } from './number-format.js';
import { aligned, type Paint, painter, wrap } from './text-layout.js';

export interface InspectionTextOptions {
  /** Mark words with ANSI colours; off by default. */
  readonly colour?: boolean;
  /** Columns that no sentence goes beyond, 80 by default. */
  readonly width?: number;
}

/** The text, with a newline at its end. */
export function renderInspection(
  inspection: Inspection,
  { colour = false, width = 80 }: InspectionTextOptions = {},
): string {
  const paint = painter(colour);
  const blocks = blocksOf(inspection, paint, width).filter((lines) => lines.length > 0);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function blocksOf(inspection: Inspection, paint: Paint, width: number): string[][] {
  switch (inspection.kind) {
    case 'sae':
      return saeBlocks(inspection, paint, width);
    case 'activations':
      return activationBlocks(inspection, paint, width);
    case 'tensors':
      return tensorBlocks(inspection, paint, width);
    case 'folder':
    case 'several':
      return folderBlocks(inspection, paint, width);
  }
}

function saeBlocks(sae: SaeInspection, paint: Paint, width: number): string[][] {
  const { dSae, dModel, dOut, k, transcoder } = sae;
  const shape = `${plural(dSae, 'feature')} that read ${plural(dModel, 'dimension')}${dOut === undefined ? '' : ` and write ${count(dOut)}`}`;
  const kind = `${transcoder ? 'transcoder' : 'SAE'}, ${sae.architecture}${k === undefined ? '' : ` with k ${plain(k)}`}`;
  const seed = sae.origin.initSeed;
  const place = [placeOf(sae), ...(seed === undefined ? [] : [`init seed ${seed}`])]
    .filter(Boolean)
    .join(', ');
  return [
    [
      paint('bold', sae.path),
      ...wrap(`${titleOf(sae.format)} ${kind}: ${shape}.`, width, '  '),
      ...(place ? [`  ${place}`] : []),
      `  ${containerOf(sae)}`,
    ],
    [
      paint('bold', 'Taken as'),
      ...aligned(
        sae.assumptions.map(({ of, taken, because }) => [
          of,
          taken,
          because === titleOf(sae.format) ? '' : `(${because})`,
        ]),
        { numbersFrom: 3 },
      ),
    ],
    sae.open === undefined
      ? []
      : [
          paint('bold', 'Its directions can be compared; to encode activations more must be said'),
          ...wrap(sae.open, width, '  '),
        ],
    settingLines(sae.settings ?? {}, paint, width),
    weightLines(sae, paint, width),
    usageLines(sae, paint, width),
  ];
}

function weightLines(sae: SaeInspection, paint: Paint, width: number): string[] {
  const { weights, numerics, deadByNorm } = sae;
  if (!numerics) {
    return wrap(
      `${paint('bold', 'Weights')} were not read, because they are large; --full reads them.`,
      width,
    );
  }
  const counts = [
    `${count(numerics.nan)} NaN`,
    `${count(numerics.inf)} infinite`,
    `${plural(numerics.zeroFeatures, 'decoder row')} of length 0`,
    `${count(deadByNorm ?? 0)} shorter than 0.01`,
  ];
  const bad = numerics.nan + numerics.inf > 0;
  return [
    paint('bold', 'Weights'),
    ...(weights
      ? aligned(
          [
            ['', 'mean', 'SD', 'row length', 'its SD', 'shortest', 'longest'],
            [
              'decoder',
              ...[
                weights.decoder.mean,
                weights.decoder.std,
                weights.decoder.normMean,
                weights.decoder.normStd,
                weights.decoder.normMin,
                weights.decoder.normMax,
              ].map(plain),
            ],
            ...(weights.encoder
              ? [['encoder', plain(weights.encoder.mean), plain(weights.encoder.std)]]
              : []),
          ],
          { numbersFrom: 1 },
        )
      : []),
    `  ${bad ? paint('red', `${counts.join(', ')}.`) : `${counts.join(', ')}.`}`,
  ];
}

function usageLines({ usage, dSae, transcoder }: SaeInspection, paint: Paint, width: number): string[] {
  if (!usage) return [];
  const explained =
    usage.explainedVariance === undefined
      ? ''
      : ` They explain ${percent(usage.explainedVariance)} of the variance${transcoder ? ' of what it should write' : ''}.`;
  return [
    paint('bold', `On ${plural(usage.rows, 'row')} of activations`),
    ...wrap(
      `${count(usage.live)} of ${plural(dSae, 'feature')} fire (${percent(usage.live / dSae)}), ${plain(usage.l0)} at a time.${explained}`,
      width,
      '  ',
    ),
  ];
}

function activationBlocks(
  { path, tensor, rows, dModel, notes, sample, ...file }: ActivationsInspection,
  paint: Paint,
  width: number,
): string[][] {
  const { distinctRows, mean, std, normMean, nan, inf } = sample;
  const of = sample.rows < rows ? `Of ${plural(sample.rows, 'row')} spread over the file` : 'Of all rows';
  const distinct = distinctRows === undefined ? '' : `${count(distinctRows)} are distinct; `;
  const broken = nan + inf > 0 ? ` Among them are ${count(nan)} NaN and ${count(inf)} infinite.` : '';
  return [
    [
      paint('bold', path),
      `  activations: ${plural(rows, 'row')} of ${plural(dModel, 'dimension')} (tensor ${tensor})`,
      `  ${containerOf(file)}`,
      ...notes.flatMap((note) => wrap(note.replace(`${file.file}: `, ''), width, '  ')),
    ],
    wrap(
      `${of}, ${distinct}entries have mean ${plain(mean)} and SD ${plain(std)}, rows a mean length of ${plain(normMean)}.${broken}`,
      width,
    ),
  ];
}

function tensorBlocks(
  { path, problem, activationsProblem, settings, ...file }: TensorsInspection,
  paint: Paint,
  width: number,
): string[][] {
  return [
    [paint('bold', path), `  ${containerOf(file)}`, ...tensorTable(file.tensors)],
    settingLines(settings, paint, width),
    [
      ...wrap(`No SAE: ${problem.replace(`${path}: `, '')}.`, width),
      ...(activationsProblem ? wrap(`No activations: ${activationsProblem}.`, width) : []),
    ],
  ];
}

function settingLines(settings: TensorsInspection['settings'], paint: Paint, width: number): string[] {
  const beside = Object.entries(settings).map(([name, value]) => `${name} ${shortened(String(value))}`);
  if (beside.length === 0) return [];
  const more = beside.length - mostListed;
  return [
    paint('bold', 'Beside the tensors'),
    ...wrap(beside.slice(0, mostListed).join(', '), width, '  '),
    ...(more > 0 ? [`  … and ${count(more)} more`] : []),
  ];
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Tensors that are listed one by one. */
const mostListed = 40;

function tensorTable(tensors: InspectedFile['tensors']): string[] {
  const rows = tensors
    .slice(0, mostListed)
    .map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(' × ')}]`]);
  const more = tensors.length - mostListed;
  return [...aligned(rows, { numbersFrom: 3 }), ...(more > 0 ? [`  … and ${count(more)} more`] : [])];
}

/** SAEs or kinds of them, groups, reasons, paths of a command and files of one reason that are listed one by one: one screen in all. */
const mostSaes = 24;
const mostGroups = 8;
const mostReasons = 4;
const mostPaths = 8;
const mostOthers = 3;

function folderBlocks(folder: FolderInspection, paint: Paint, width: number): string[][] {
  const { kind, saes, groups, patterns } = folder;
  const rows =
    saes.length > mostSaes ? kindRows(folder) : saes.map((sae) => saeRow(nameIn(folder, sae.path), [sae]));
  const used = saes.some(({ usage }) => usage !== undefined);
  const header = [
    '',
    'format',
    'architecture',
    'd',
    'features',
    'k',
    'place',
    'init seed',
    ...(used ? ['live', 'explained'] : []),
  ];
  const [head, ...lines] = aligned([header, ...rows.slice(0, mostSaes)], { numbersFrom: 8 });
  const more = rows.length - mostSaes;
  return [
    [paint('bold', folder.path), `  ${plural(saes.length, 'SAE')}`],
    saes.length > 0
      ? [paint('dim', head), ...lines, ...(more > 0 ? [`  … and ${count(more)} more kinds`] : [])]
      : [],
    groups.length > 0
      ? [
          paint('bold', 'Differ in their seed at most, so they can be compared'),
          ...groups.slice(0, mostGroups).map((paths, i) => `  ${commandFor(kind, paths, patterns[i])}`),
          ...(groups.length > mostGroups ? [`  … and ${count(groups.length - mostGroups)} more groups`] : []),
        ]
      : [],
    openLines(folder, paint, width),
    otherLines(folder, paint, width),
  ];
}

/** As people tell it from the others: below the folder, or behind the #. */
function nameIn({ kind, path }: FolderInspection, one: string): string {
  return kind === 'several' ? one.slice(path.length) : relative(path, one) || '.';
}

function commandFor(
  kind: FolderInspection['kind'],
  paths: readonly string[],
  pattern: string | null,
): string {
  if (kind === 'several' && pattern !== null) return `reseed compare ${pattern}`;
  if (paths.length <= mostPaths) return `reseed compare ${paths.join(' ')}`;
  if (pattern !== null) return `reseed compare ${pattern}   (${count(paths.length)} SAEs)`;
  return `${count(paths.length)} SAEs: ${paths.slice(0, mostOthers).join(', ')} and ${count(paths.length - mostOthers)} more`;
}

/** One row for SAEs that are alike but for their seed. */
function kindRows(folder: FolderInspection): string[][] {
  const { kind, saes, groups, patterns } = folder;
  const byPath = new Map(saes.map((sae) => [sae.path, sae]));
  const grouped = new Set(groups.flat());
  return [
    ...groups.map((paths, i) => {
      const pattern = patterns[i];
      const name = pattern === null || kind === 'several' ? '' : ` ${nameIn(folder, pattern)}`;
      return saeRow(
        `${count(paths.length)} ×${name}`,
        paths.map((one) => byPath.get(one)!),
      );
    }),
    ...saes.filter((sae) => !grouped.has(sae.path)).map((sae) => saeRow(nameIn(folder, sae.path), [sae])),
  ];
}

/** @param saes alike but for their seed */
function saeRow(name: string, saes: readonly SaeSummary[]): string[] {
  const [sae] = saes;
  const used = saes.flatMap(({ usage }) => usage ?? []);
  const explained = used.flatMap(({ explainedVariance }) => explainedVariance ?? []);
  const span = (values: readonly number[], format: (value: number) => string) =>
    values.length === 0 ? '' : range(Math.min(...values), Math.max(...values), format);
  return [
    name,
    titleOf(sae.format),
    sae.architecture,
    count(sae.dModel),
    count(sae.dSae),
    sae.k === undefined ? '' : plain(sae.k),
    placeOf(sae),
    span(
      saes.flatMap(({ origin }) => origin.initSeed ?? []),
      String,
    ),
    span(
      used.map(({ live }) => live),
      count,
    ),
    span(explained, percent),
  ];
}

function otherLines(folder: FolderInspection, paint: Paint, width: number): string[] {
  const { kind, others } = folder;
  const one = others.length === 1;
  const title =
    kind === 'several'
      ? `${plural(others.length, 'SAE')} that cannot be read as ${one ? 'it stands' : 'they stand'}`
      : `${plural(others.length, 'file')} of weights that ${one ? 'is' : 'are'} no SAE`;
  const reasons = others.map(({ path, ...reason }) => ({ name: nameIn(folder, path), ...reason }));
  return others.length === 0 ? [] : [paint('bold', title), ...reasonLines(reasons, width)];
}

function openLines(folder: FolderInspection, paint: Paint, width: number): string[] {
  const reasons = folder.saes.flatMap((sae) =>
    sae.open === undefined
      ? []
      : [{ name: nameIn(folder, sae.path), reason: sae.open, kind: sae.openKind ?? sae.open }],
  );
  if (reasons.length === 0) return [];
  const title = `Directions of ${plural(reasons.length, 'SAE')} can be compared; to encode activations more must be said`;
  return [paint('bold', title), ...reasonLines(reasons, width)];
}

interface Reason {
  readonly name: string;
  readonly reason: string;
  readonly kind: string;
}

/** Each kind of reason once, in the words of its first, with the files that it is of. */
function reasonLines(reasons: readonly Reason[], width: number): string[] {
  const byKind = new Map<string, Reason[]>();
  for (const one of reasons) byKind.set(one.kind, [...(byKind.get(one.kind) ?? []), one]);
  const groups = [...byKind.values()];
  return [
    ...groups.slice(0, mostReasons).flatMap((alike) => {
      const more = alike.length - mostOthers;
      const names = alike.slice(0, mostOthers).map(({ name }) => name);
      const all = `${names.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
      return [...wrap(`${all}:`, width, '  '), ...wrap(alike[0].reason, width, '    ')];
    }),
    ...(groups.length > mostReasons
      ? [`  … and ${plural(groups.length - mostReasons, 'other reason')}`]
      : []),
  ];
}

function placeOf({ hookName, origin }: SaeSummary): string {
  const { layer, site } = origin;
  const parts = [
    hookName,
    layer === undefined || hookName?.includes(`.${layer}.`) ? undefined : `layer ${layer}`,
    site,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function containerOf({
  file,
  container,
  bytes,
}: Pick<InspectedFile, 'file' | 'container' | 'bytes'>): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${container}, ${plain(bytes / 2 ** (10 * power))} ${units[power]} (${basename(file)})`;
}

function titleOf(format: string): string {
  return saeSources.find(({ id }) => id === format)?.title ?? format;
}

// One feature, as the table has it: itself, its partner in every other SAE, and who else takes that partner.
import type { Block, FeatureTable } from './feature-table.js';
import { rowIn } from './feature-table.js';
import { valueAt } from './rows.js';

export interface Partner {
  readonly other: string;
  readonly partner: number;
  readonly cosine: number;
  /** |cosine| with the second best, of which only this is known here. */
  readonly second: number;
  readonly mutual: boolean;
  readonly assigned?: number;
  readonly assignedCosine?: number;
  readonly qValue?: number;
  /** What is known of the partner itself. */
  readonly of?: FeatureFacts;
  /** Other features of the same SAE that have the same partner: parts of one feature, or copies of it. */
  readonly rivals: readonly Rival[];
  /** Features of the other SAE whose nearest is this one. */
  readonly claimedBy: readonly Rival[];
}

export interface Rival {
  readonly feature: number;
  readonly cosine: number;
}

export interface FeatureFacts {
  readonly norm?: number;
  readonly firingRate?: number;
  readonly initCosine?: number;
  readonly stability?: number;
}

export interface FeatureSeen {
  readonly sae: string;
  readonly feature: number;
  readonly facts: FeatureFacts;
  readonly partners: readonly Partner[];
}

const mostRivals = 8;

/** Undefined where it is in no row: there is no such feature, or its decoder row has length 0. */
export function featureSeen(
  table: FeatureTable,
  group: string,
  sae: string,
  feature: number,
): FeatureSeen | undefined {
  const own = table.blocks.filter((block) => block.group === group && block.sae === sae);
  const rows = own.flatMap((block) => {
    const row = rowIn(table, block, feature);
    return row === undefined ? [] : [{ block, row }];
  });
  if (rows.length === 0) return undefined;
  return {
    sae,
    feature,
    facts: factsAt(table, rows[0].row),
    partners: rows.map(({ block, row }) => partnerAt(table, block, row)),
  };
}

function partnerAt(table: FeatureTable, block: Block, row: number): Partner {
  const at = (id: string) => valueAt(table, id, row);
  const [partner, cosine] = [at('partner') as number, at('cosine') as number];
  const back = table.blocks.find(
    (one) => one.group === block.group && one.sae === block.other && one.other === block.sae,
  );
  const theirs = back && rowIn(table, back, partner);
  const feature = at('feature') as number;
  const [assigned, assignedCosine, qValue] = [at('assigned'), at('assigned_cosine'), at('q_value')];
  return {
    other: block.other,
    partner,
    cosine,
    second: Math.abs(cosine) - (at('margin') as number),
    mutual: at('mutual') === true,
    ...(assigned === undefined ? {} : { assigned: assigned as number }),
    ...(assignedCosine === undefined ? {} : { assignedCosine: assignedCosine as number }),
    ...(qValue === undefined ? {} : { qValue: qValue as number }),
    ...(theirs === undefined ? {} : { of: factsAt(table, theirs) }),
    rivals: withPartner(table, block, partner)
      .filter((one) => one.feature !== feature)
      .slice(0, mostRivals),
    claimedBy: back ? withPartner(table, back, feature).slice(0, mostRivals) : [],
  };
}

/** Features of a block whose partner is this one, the nearest first. */
function withPartner(table: FeatureTable, { start, end }: Block, partner: number): Rival[] {
  const partners = table.columns.get('partner') as Int32Array;
  const found: Rival[] = [];
  for (let i = start; i < end; i++) {
    if (partners[i] !== partner) continue;
    found.push({
      feature: valueAt(table, 'feature', i) as number,
      cosine: valueAt(table, 'cosine', i) as number,
    });
  }
  return found.sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine));
}

export function factsAt(table: FeatureTable, row: number): FeatureFacts {
  const entries = (
    [
      ['norm', 'norm'],
      ['firingRate', 'firing_rate'],
      ['initCosine', 'init_cosine'],
      ['stability', 'stability'],
    ] as const
  ).flatMap(([name, id]) => {
    const value = valueAt(table, id, row);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries) as FeatureFacts;
}

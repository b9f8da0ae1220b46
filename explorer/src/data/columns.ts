// The columns of features.parquet as the explorer shows them: how each is stored, headed, explained and written.

export type Kind = 'number' | 'index' | 'boolean' | 'name' | 'class';

export interface Column {
  /** As in the file, and as filters and addresses write it. */
  readonly id: string;
  readonly title: string;
  readonly kind: Kind;
  /** What it is, as a formula where there is one; û is a decoder row at length 1. */
  readonly formula: string;
  /** Other names that a filter may use. */
  readonly also?: readonly string[];
  /** Computed of other columns, not in the file. */
  readonly made?: true;
  /** Left out of the table until it is asked for. */
  readonly hidden?: true;
  /** Read before the table is shown. */
  readonly first?: true;
  readonly digits?: number;
}

export const columns: readonly Column[] = [
  { id: 'sae', title: 'SAE', kind: 'name', formula: 'the SAE that the feature belongs to' },
  { id: 'feature', title: 'feature', kind: 'index', formula: 'i, row of its decoder', first: true },
  { id: 'other', title: 'seen in', kind: 'name', formula: 'the other SAE' },
  {
    id: 'partner',
    title: 'partner',
    kind: 'index',
    formula: 'j* = argmaxⱼ |ûᵢ·v̂ⱼ|, its nearest in the other SAE',
    first: true,
  },
  {
    id: 'class',
    title: 'at the cut',
    kind: 'class',
    formula: 'mutual or one-sided partner where |cosine| ≥ cut, else none',
    made: true,
  },
  { id: 'cosine', title: 'cosine', kind: 'number', formula: 'ûᵢ·v̂ⱼ*, signed', first: true, digits: 3 },
  {
    id: 'abs',
    title: '|cosine|',
    kind: 'number',
    formula: '|ûᵢ·v̂ⱼ*| = maxⱼ |ûᵢ·v̂ⱼ|',
    also: ['best'],
    made: true,
    digits: 3,
    hidden: true,
  },
  {
    id: 'margin',
    title: 'margin',
    kind: 'number',
    formula: 'best less second best |ûᵢ·v̂ⱼ|',
    first: true,
    digits: 3,
  },
  {
    id: 'mutual',
    title: 'mutual',
    kind: 'boolean',
    formula: 'each is the best partner of the other',
    first: true,
  },
  {
    id: 'firing_rate',
    title: 'firing rate',
    kind: 'number',
    formula: 'rows on which it fires ÷ rows',
    also: ['rate'],
    first: true,
  },
  {
    id: 'norm',
    title: 'norm',
    kind: 'number',
    formula: '‖Dᵢ‖, length of the decoder row',
    first: true,
    digits: 3,
  },
  {
    id: 'init_cosine',
    title: 'with its start',
    kind: 'number',
    formula: 'cosine of Dᵢ with the row that it started from',
    also: ['init'],
    digits: 3,
  },
  {
    id: 'assigned',
    title: 'one-to-one',
    kind: 'index',
    formula: 'π(i), of the assignment with the largest Σ ûᵢ·v̂π(i)',
  },
  {
    id: 'assigned_cosine',
    title: 'its cosine',
    kind: 'number',
    formula: 'ûᵢ·v̂π(i), signed',
    digits: 3,
  },
  {
    id: 'support',
    title: 'in SAEs',
    kind: 'index',
    formula: 'how many SAEs its family is in; 1 where it has none',
  },
  {
    id: 'family',
    title: 'family',
    kind: 'index',
    formula: 'the family of features that are the same in several SAEs (docs/consensus.md)',
  },
  {
    id: 'q_value',
    title: 'q',
    kind: 'number',
    formula: 'p adjusted over the features of the SAE (Benjamini–Hochberg)',
    also: ['q'],
  },
  {
    id: 'p_value',
    title: 'p',
    kind: 'number',
    formula: 'P(best of as many directions with the other SAE’s second moment is as near)',
    also: ['p'],
    hidden: true,
  },
  {
    id: 'stability',
    title: 'comes back in',
    kind: 'number',
    formula: 'share of the other SAEs with a match of q ≤ 0.05',
    digits: 2,
  },
  {
    id: 'stability_07',
    title: 'at 0.7 in',
    kind: 'number',
    formula: 'share of the other SAEs with |cosine| ≥ 0.7',
    digits: 2,
  },
  {
    id: 'stability_09',
    title: 'at 0.9 in',
    kind: 'number',
    formula: 'share of the other SAEs with |cosine| ≥ 0.9',
    digits: 2,
    hidden: true,
  },
  {
    id: 'stability_sphere',
    title: 'by the sphere in',
    kind: 'number',
    formula: 'share of the other SAEs with a match of q (sphere) ≤ 0.05',
    digits: 2,
    hidden: true,
  },
  {
    id: 'q_value_sphere',
    title: 'q, sphere',
    kind: 'number',
    formula: 'p (sphere), adjusted in the same way',
    hidden: true,
  },
  {
    id: 'p_value_sphere',
    title: 'p, sphere',
    kind: 'number',
    formula: '1 − G(|cosine|)^F, F directions anywhere on the sphere',
    hidden: true,
  },
];

const byName = new Map(columns.flatMap((one) => [one.id, ...(one.also ?? [])].map((name) => [name, one])));

/** By its id or another name that it has. */
export function columnNamed(name: string): Column | undefined {
  return byName.get(name.toLowerCase());
}

/** Of a partner at the cut, in the order in which they sort. */
export const classes = ['none', 'one-sided', 'mutual'] as const;
export type Class = (typeof classes)[number];

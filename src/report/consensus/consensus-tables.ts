// The tables of what several SAEs agree on: what the dictionary keeps, and what the rest is.
import { defined } from '../../defined.js';
import type { ConsensusResult, KeptResult } from '../../results/consensus-result.js';
import type { FamiliesResult } from '../../results/families-result.js';
import { count, percent, plain, score } from '../number-format.js';
import { type Table, table } from '../tables.js';
import { restWords } from '../wording/family-words.js';

/** Families by support. */
export function supportTable({ supports }: FamiliesResult): Table {
  const n = supports.length - 1;
  const rows = supports
    .map((families, support) => ({ families, support }))
    .slice(2)
    .reverse();
  const all = rows.reduce((sum, { families }) => sum + families, 0);
  return table('Families by the number of SAEs they are in', rows, [
    { name: 'SAEs', cell: ({ support }) => (support === n ? `all ${n}` : String(support)) },
    {
      name: 'Families',
      numeric: true,
      cell: ({ families }) => ({
        text: count(families),
        ...(all > 0 ? { note: percent(families / all) } : {}),
      }),
    },
  ]);
}

interface Kept {
  readonly name: string;
  readonly note?: string;
  readonly fit: KeptResult['dictionary'];
}

/** What is kept of held-out rows. */
export function keptTable({
  dictionary: own,
  averaged,
  members,
  cuts,
  cutRefitted,
  rows,
}: KeptResult): Table {
  const best = (name: string, one: (typeof members)[number] | undefined): Kept[] =>
    one ? [{ name, note: one.id, fit: one }] : [];
  const lines: Kept[] = [
    { name: 'consensus', fit: own },
    { name: 'consensus, averaged alone', fit: averaged },
    ...best('cut by firing rate', cuts.firing),
    ...best('cut by firing rate, fitted too', cutRefitted),
    ...best('cut by norm', cuts.norm),
    ...best('cut at random', cuts.random),
    ...members.map((fit) => ({ name: fit.id, note: 'whole', fit })),
  ];
  return table(
    `Share of the variance of ${count(rows.heldOut)} held-out rows that is explained, and active features a row; of SAEs that are cut the best one`,
    lines,
    [
      {
        name: 'Dictionary',
        cell: ({ name, note }) => ({ text: name, ...defined({ note }) }),
      },
      { name: 'Features', numeric: true, cell: ({ fit }) => count(fit.features) },
      { name: 'Explained', numeric: true, cell: ({ fit }) => score(fit.explainedVariance) },
      { name: 'Active', numeric: true, cell: ({ fit }) => plain(fit.l0) },
      { name: 'Dead', numeric: true, cell: ({ fit }) => count(fit.dead) },
    ],
  );
}

/** What features without a family are. */
export function restTable({ rest }: ConsensusResult): Table {
  return table('Features without a family', rest.shares, [
    { name: 'They are', cell: ({ kind }) => ({ text: restWords[kind].name, note: restWords[kind].meaning }) },
    { name: 'Share', numeric: true, cell: ({ share }) => percent(share) },
    {
      name: 'Beside it',
      numeric: true,
      cell: ({ kind, chance }) => ({ text: percent(chance), note: restWords[kind].chance }),
    },
    { name: 'Looked at', numeric: true, cell: ({ features }) => count(features) },
  ]);
}

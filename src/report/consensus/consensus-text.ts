// What several SAEs agree on, in a terminal.
import type { ConsensusResult } from '../../results/consensus-result.js';
import { count, plain, range } from '../number-format.js';
import type { Table } from '../tables.js';
import type { TerminalOptions } from '../terminal.js';
import { aligned, painter, wrap } from '../text-layout.js';
import {
  byWord,
  describeDictionary,
  describeFamilies,
  describeGrowth,
  describeOptimum,
  describeRest,
} from '../wording/family-words.js';
import { keptTable, restTable } from './consensus-tables.js';

/** The text, with a newline at its end. */
export function renderConsensus(
  result: ConsensusResult,
  { colour = false, width = 80 }: TerminalOptions = {},
): string {
  const paint = painter(colour);
  const { saes, families, dictionary, rest } = result;
  const widths = saes.map(({ dSae }) => dSae);
  const architectures = [...new Set(saes.map(({ architecture }) => architecture))].join(' and ');
  const block = (title: string, texts: readonly string[], lines: readonly string[] = []) =>
    [
      paint('bold', title),
      ...texts.filter((text) => text !== '').flatMap((text) => wrap(text, width, '  ')),
      ...lines,
    ].join('\n');
  const blocks = [
    [
      paint('bold', `${saes.length} SAEs`),
      ...wrap(
        `${architectures}, ${count(saes[0].dModel)} dimensions, ${range(Math.min(...widths), Math.max(...widths), count)} features.`,
        width,
      ),
    ].join('\n'),
    block('Families', [
      describeFamilies(families),
      `Of one family all have a |cosine| of ${plain(families.cosine)} or more with each other, by ${byWord(families.by)}.`,
      describeOptimum(families),
    ]),
    ...(families.growth
      ? [block('What is still to come', [describeGrowth(families.growth, saes.length)])]
      : []),
    block(
      'The dictionary',
      [describeDictionary(result)],
      dictionary?.kept ? cells(keptTable(dictionary.kept)) : [],
    ),
    block('The rest', [describeRest(result)], rest.shares.length > 0 ? cells(restTable(result), 'text') : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** @param notes whether what stands under a cell in a report follows its text */
function cells({ columns, rows }: Table, notes: 'text' | 'note' = 'note'): string[] {
  const text = ({ text: main, note }: Table['rows'][number][number], first: boolean) =>
    notes === 'note' && first && note !== undefined ? `${main} (${note})` : main;
  return aligned(
    [
      columns.map(({ name }) => name.toLowerCase()),
      ...rows.map((row) => row.map((cell, c) => text(cell, c === 0))),
    ],
    { numbersFrom: 1 },
  );
}

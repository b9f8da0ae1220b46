// The report on what several SAEs agree on, in Markdown, and its figures; nothing is written here.
import type { ConsensusResult } from '../../results/consensus-result.js';
import { figureOfFamilies } from '../figures/families.js';
import type { Figure } from '../figures/figure.js';
import { toPng } from '../figures/raster.js';
import { restFigure } from '../figures/rest.js';
import { standalone } from '../figures/theme.js';
import { markdownTable, plainText } from '../markdown.js';
import { plain } from '../number-format.js';
import type { ReportFile } from '../render.js';
import {
  byWord,
  describeDictionary,
  describeFamilies,
  describeGrowth,
  describeOptimum,
  describeRest,
} from '../wording/family-words.js';
import { keptTable, restTable, supportTable } from './consensus-tables.js';
import { familiesFile, familyColumns } from './families-table.js';

/** report.md and figures/*.svg and *.png; the same result gives the same bytes. */
export async function renderConsensusReport(result: ConsensusResult): Promise<ReportFile[]> {
  const figures = [
    figureOfFamilies([{ name: `${result.saes.length} SAEs`, families: result.families }]),
    restFigure(result),
  ].flatMap((one) => one ?? []);
  const files: ReportFile[] = [{ path: 'report.md', bytes: utf8(reportOf(result, figures)) }];
  for (const { id, svg } of figures) {
    const file = standalone(svg);
    files.push({ path: `figures/${id}.svg`, bytes: utf8(file) });
    files.push({ path: `figures/${id}.png`, bytes: await toPng(file) });
  }
  return files;
}

function reportOf(result: ConsensusResult, figures: readonly Figure[]): string {
  const { saes, families, dictionary, rest, reseed } = result;
  const shown = (id: string) =>
    figures.filter((one) => one.id === id).map((one) => `![${plainText(one.alt)}](figures/${one.id}.svg)`);
  const text = (sentences: string) => (sentences === '' ? [] : [plainText(sentences)]);
  const blocks = [
    `# What ${saes.length} SAEs agree on`,
    saes
      .map(({ id, architecture, dSae }) => `- ${plainText(id)}: ${architecture}, ${dSae} features`)
      .join('\n'),
    '## Families',
    ...text(describeFamilies(families)),
    ...text(
      `Of one family all have a |cosine| of ${plain(families.cosine)} or more with each other, by ${byWord(families.by)}.`,
    ),
    ...text(describeOptimum(families)),
    markdownTable(supportTable(families)),
    ...shown('families'),
    ...(families.growth
      ? ['## What is still to come', ...text(describeGrowth(families.growth, saes.length))]
      : []),
    '## The dictionary',
    ...text(describeDictionary(result)),
    ...(dictionary?.kept ? [markdownTable(keptTable(dictionary.kept))] : []),
    '## The rest',
    ...text(describeRest(result)),
    ...(rest.shares.length > 0 ? [markdownTable(restTable(result))] : []),
    ...shown('rest'),
    '## Family by family',
    `${familiesFile} beside this report has one row for each feature of a family:`,
    familyColumns.map(({ name, meaning }) => `- \`${name}\`: ${plainText(meaning)}`).join('\n'),
    '## Provenance',
    [
      `- reseed ${reseed.version}, ${reseed.kernel} kernel`,
      ...(reseed.command === undefined ? [] : [`- ${plainText(reseed.command)}`]),
      `- ${result.createdAt}`,
    ].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

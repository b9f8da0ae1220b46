// The report as Markdown, for terminals, pull requests and notebooks.

import type { GroupResult, Results } from '../results/results.js';
import { type Figure, figuresOf } from './figures/index.js';
import {
  activationsOf,
  type FindingInWords,
  featureFile,
  findingsByVerdict,
  methodNotes,
  noticesOf,
  provenance,
  sectionsInWords,
  titleOf,
} from './outline.js';
import { settingsTable } from './settings-table.js';
import {
  type Cell,
  claimsTable,
  firingTable,
  metricsTable,
  saesTable,
  stabilityTable,
  type Table,
} from './tables.js';
import { describeCause, describeGroup, describeResults, groupName } from './wording.js';

/** The whole report; figures are linked as files beside it. */
export function renderMarkdown(results: Results, figures: readonly Figure[] = figuresOf(results)): string {
  const settings = settingsTable(results);
  const blocks = [
    `# ${plainText(titleOf(results))}`,
    ...(results.study?.description ? [plainText(results.study.description)] : []),
    ...noticesOf(results).map((notice) => `> ${plainText(notice)}`),
    ...describeResults(results).map(({ question, answer }) => `**${question}** ${plainText(answer)}`),
    ...(results.claims?.length ? ['## Claims', markdownTable(claimsTable(results))] : []),
    ...(figures.length > 0 ? ['## Figures'] : []),
    ...figures.map(
      (f) =>
        `![${plainText(f.alt)}](figures/${f.id}.svg)\n\n*${plainText(f.title)}.* ${plainText(f.caption)}`,
    ),
    ...(settings ? ['## Settings', markdownTable(settings)] : []),
    ...results.groups.flatMap(groupBlocks),
    ...featureBlocks(results),
    '## SAEs',
    markdownTable(saesTable(results.saes)),
    '## Method',
    methodNotes(results)
      .map(({ term, id, text }) => `- **${plainText(term)}**${id ? ` (\`${id}\`)` : ''}: ${plainText(text)}`)
      .join('\n'),
    '## Provenance',
    provenance(results)
      .map(({ term, text }) => `- ${plainText(term)}: ${plainText(text)}`)
      .join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function groupBlocks(group: GroupResult): string[] {
  const { supported, inconclusive, refuted } = findingsByVerdict(group);
  return [
    `## ${plainText(groupName(group))}`,
    plainText(describeGroup(group)),
    plainText(activationsOf(group)),
    ...(Object.keys(group.metrics).length > 0 ? [markdownTable(metricsTable(group))] : []),
    ...(group.stability ? [markdownTable(stabilityTable(group))] : []),
    ...(group.byFiring ? [markdownTable(firingTable(group))] : []),
    ...sectionsInWords(group).flatMap(({ title, texts }) => [
      `### ${title}`,
      texts.map((text) => `- ${plainText(text)}`).join('\n'),
    ]),
    ...(group.cause.length > 0
      ? ['### Causes', group.cause.map((c) => `${c.rank}. ${plainText(describeCause(c))}`).join('\n')]
      : []),
    '### Findings',
    supported.length > 0 ? supported.map(finding).join('\n') : 'No artefact was found.',
    ...(inconclusive.length > 0 ? ['Could not be checked:', inconclusive.map(finding).join('\n')] : []),
    ...(refuted.length > 0
      ? [
          `<details><summary>Looked for and not there: ${refuted.length}</summary>`,
          refuted.map(finding).join('\n'),
          '</details>',
        ]
      : []),
  ];
}

function featureBlocks(results: Results): string[] {
  const file = featureFile(results);
  if (!file) return [];
  return ['## Feature by feature', plainText(file.text), ['```', ...file.examples, '```'].join('\n')];
}

function finding({ id, severity, verdict, title, summary, advice }: FindingInWords): string {
  const mark = verdict === 'supported' ? ` [${severity}]` : '';
  return `- **${plainText(title)}**${mark} (\`${id}\`): ${plainText(summary)} *${plainText(advice)}*`;
}

export function markdownTable({ columns, rows, sections = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map((c) => plainText(c.name))),
    line(columns.map((c) => (c.numeric ? '---:' : '---'))),
    ...rows.flatMap((row, i) => [
      ...sections.flatMap(({ before, title }) =>
        before === i ? [line(columns.map((_, c) => (c === 0 ? `*${plainText(title)}*` : '')))] : [],
      ),
      line(row.map(cell)),
    ]),
  ].join('\n');
}

function cell({ text, note, tone }: Cell): string {
  const main = tone ? `**${plainText(text)}**` : plainText(text);
  return note ? `${main}<br>${plainText(note)}` : main;
}

/** Keeps text from being read as HTML, emphasis, links or table cells. */
export function plainText(text: string): string {
  return text
    .replace(/[\\`*_[\]|]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/\s*\n\s*/g, ' ');
}

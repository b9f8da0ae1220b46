// The report in a terminal: every score beside its null and what it means, the verdict, findings, features.
import { metricIds } from '../metrics/registry.js';
import type { GroupResult, Results, SaeResult } from '../results/results.js';
import { count, percent, plural, range, score } from './number-format.js';
import { activationsOf, findingsByVerdict, titleOf } from './outline.js';
import { shortNames } from './short-names.js';
import { aligned, type Paint, painter, type Style, wrap } from './text-layout.js';
import { type ReadingTone, readingOf } from './wording/metric-reading.js';
import { describeGroup, describeUnchecked, familyOf, familyWords, groupName } from './wording.js';

export interface TerminalOptions {
  /** Mark words with ANSI colours; off by default. */
  readonly colour?: boolean;
  /** Columns that no line goes beyond, 80 by default; tables need 80. */
  readonly width?: number;
}

const toneStyle: Partial<Record<ReadingTone, Style>> = { good: 'green', open: 'yellow', bad: 'red' };

/** SAEs that are listed one by one. */
const mostListed = 10;

/** The text, with a newline at its end. */
export function renderTerminal(
  results: Results,
  { colour = false, width = 80 }: TerminalOptions = {},
): string {
  const paint = painter(colour);
  const blocks = results.groups.map((group) => {
    const saes = group.saes.map((id) => results.saes.find((sae) => sae.id === id) as SaeResult);
    return groupBlocks(group, saes, paint, width).join('\n\n');
  });
  const title = results.groups.length > 1 ? [paint('bold', titleOf(results))] : [];
  return `${[...title, ...blocks].join('\n\n')}\n`;
}

function groupBlocks(group: GroupResult, saes: readonly SaeResult[], paint: Paint, width: number): string[] {
  const head = [
    paint(
      'bold',
      `${plural(saes.length, 'SAE')}${group.layer === undefined && group.label === undefined ? '' : `, ${groupName(group)}`}`,
    ),
    ...wrap(`${shapesOf(saes)} ${activationsOf(group)}`, width),
  ];
  return [
    head.join('\n'),
    ...(Object.keys(group.metrics).length > 0 ? [scores(group, paint, width)] : []),
    [paint('bold', 'Verdict'), ...wrap(describeGroup(group), width, '  ')].join('\n'),
    findings(group, paint, width),
    ...(group.stability?.length ? [stability(group, paint)] : []),
  ];
}

/** "topk, 128 dimensions, 1,024 features." */
function shapesOf(saes: readonly SaeResult[]): string {
  const names = saes.map(({ architecture }) =>
    architecture === 'unknown' ? 'unknown architecture' : architecture,
  );
  const architectures = [...new Set(names)].join(' and ');
  const widths = saes.map((s) => s.dSae);
  const features = range(Math.min(...widths), Math.max(...widths), count);
  return `${architectures}, ${count(saes[0].dModel)} dimensions, ${features} features.`;
}

function scores(group: GroupResult, paint: Paint, width: number): string {
  const rows = metricIds.flatMap((id) => {
    const metric = group.metrics[id];
    if (!metric) return [];
    const { mean, interval, corrected } = metric;
    const cells = [
      id,
      score(mean),
      metric.null ? score(metric.null.mean) : '–',
      corrected === undefined ? '–' : score(corrected),
      interval ? range(interval.low, interval.high, score) : '–',
    ];
    return [{ id, cells, reading: readingOf(metric) }];
  });
  const header = ['score', 'mean', 'null', 'corrected', '95% interval', 'meaning'];
  const widths = header.map((name, c) =>
    Math.max(name.length, ...rows.map(({ cells, reading }) => (cells[c] ?? reading.words).length)),
  );
  const needed = widths.reduce((sum, w) => sum + w + 2, 0);
  const gap = needed <= width ? '  ' : ' ';
  const line = (cells: readonly string[]): string =>
    cells.map((text, c) => (c === 0 ? text.padEnd(widths[c]) : text.padStart(widths[c]))).join(gap);
  const lines = [paint('dim', `  ${line(header.slice(0, -1))}${gap}${header[header.length - 1]}`)];
  rows.forEach(({ id, cells, reading: { words, tone } }, i) => {
    const family = familyOf(id);
    if (i === 0 || familyOf(rows[i - 1].id) !== family) lines.push(familyWords[family]);
    const style = toneStyle[tone];
    lines.push(`  ${line(cells)}${gap}${style ? paint(style, words) : words}`);
  });
  const pairs = Math.max(...rows.map(({ id }) => group.metrics[id]!.n));
  const legend =
    `Mean over ${plural(pairs, 'pair')}. Null: the same score by chance. Corrected: 0 at chance, 1 at full ` +
    `agreement. The interval resamples SAEs${group.saes.length < 3 ? ', so it takes three of them' : ''}.`;
  return [...lines, ...wrap(legend, width).map((text) => paint('dim', text))].join('\n');
}

function findings(group: GroupResult, paint: Paint, width: number): string {
  const { supported } = findingsByVerdict(group);
  const grave = supported.filter(({ severity }) => severity !== 'info');
  const unchecked = describeUnchecked(group);
  const lines = grave.flatMap(({ severity, title, summary }) => {
    const [first, ...rest] = wrap(`${title}. ${summary}`, width, '        ');
    const mark = paint(severity === 'fail' ? 'red' : 'yellow', severity);
    return [`  ${mark}  ${first.trimStart()}`, ...rest];
  });
  return [
    paint('bold', 'Findings'),
    ...(lines.length > 0 ? lines : ['  No artefact was found.']),
    ...(unchecked === undefined ? [] : wrap(unchecked, width, '  ').map((text) => paint('dim', text))),
  ].join('\n');
}

function stability(group: GroupResult, paint: Paint): string {
  const all = group.stability ?? [];
  const listed = all.slice(0, mostListed);
  const names = shortNames(
    all.map(({ sae }) => sae),
    26,
  );
  const header = ['SAE', 'features', 'significant', '|cos| ≥ 0.7', '≥ 0.9', 'in none'];
  const rows = listed.map(({ scored, inEvery, inEvery07, inEvery09, inNone }, i) => [
    names[i],
    count(scored),
    ...[inEvery, inEvery07, inEvery09, inNone].map((n) => percent(n / scored)),
  ]);
  const [head, ...lines] = aligned([header, ...rows], { numbersFrom: 1 });
  return [
    `${paint('bold', 'Features that come back in every other SAE')}, and in none`,
    paint('dim', '  significant: nearer than chance for directions that crowd like the SAE’s'),
    paint('dim', head),
    ...lines,
    ...(all.length > mostListed ? [`  … and ${all.length - mostListed} more SAEs, in the results.`] : []),
  ].join('\n');
}

// Writes docs/studies/language-model.json, the numbers that the page stands on, and the tables that are made of them into the page.
//
//     node examples/language-model/tables.mjs [RUNS]
//
// RUNS is the folder that study.mjs has written (runs). The tables stand between comments that name them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { configurations, looked } from './configurations.mjs';
import { numbersOf } from './numbers.mjs';

const docs = fileURLToPath(new URL('../../docs/studies/', import.meta.url));

const fixed = (value, digits = 3) => (value === undefined ? '' : value.toFixed(digits).replace('-', '−'));
const share = (value) => (value === undefined ? '' : `${(100 * value).toFixed(1)} %`);
const count = (value) => value.toLocaleString('en');

const words = { reproducible: 'comes back', partly: 'in part', 'not-beyond-chance': 'not beyond chance', 'cannot-tell': 'cannot tell' };
const named = (name) => {
  const [architecture, width, k] = name.split('.');
  return `${architecture === 'topk' ? 'TopK' : 'BatchTopK'}, ${count(Number(width.slice(1)))} features, k ${k.slice(1)}`;
};

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A score, its easy null and its strictest one, and the score corrected for that. */
const scored = ({ mean, null: easy, strict, beyond }) =>
  `${fixed(mean)} \\| ${fixed(easy)}, ${fixed(strict)} (${fixed(beyond)})`;

const bands = { 0.0001: '0.01 % to 0.1 %', 0.001: '0.1 % to 1 %', 0.01: '1 % to 10 %', 0.1: '10 % or more' };

/** Every table of the page, by its name. */
export function tablesOf({ heldOut, trained, allRows, ordinary, crossed, consensus }) {
  const groups = configurations.map((name) => [name, heldOut[name]]);
  return {
    scores: scoresTable(groups),
    features: table(
      ['', 'cosine ≥ 0.7 in every other SAE', 'beyond crowded directions', 'families in all 5', 'in 3 or more', 'features in none', 'of what comes back, seen', '`subspace.32`'],
      groups.map(([name, g]) => [
        named(name),
        share(g.inEvery07),
        share(g.inEvery),
        count(g.families.supports[5]),
        count(g.families.supports.slice(3).reduce((a, b) => a + b)),
        share(g.families.supports[1] / g.features),
        range(g.families.growth?.seen),
        fixed(g.scores['subspace.32'].mean),
      ]),
    ),
    firing: firingTable(groups),
    trained: trainedTable(heldOut[looked], trained),
    massive: massiveTable(allRows, ordinary),
    crossed: crossedTable(crossed),
    consensus: consensusTable(consensus),
  };
}

const range = (value) => (value === undefined ? '–' : `${share(value.value)} (${share(value.low)} to ${share(value.high)})`);

function scoresTable(groups) {
  return table(
    ['', 'explained', 'live', '`decoder.max.live`', '`activation.max.live`', '`decoder.matched`', '`shared`', 'verdict'],
    groups.map(([name, g]) => [
      named(name),
      fixed(g.explained),
      share(g.live),
      scored(g.scores['decoder.max.live']),
      scored(g.scores['activation.max.live']),
      fixed(g.scores['decoder.matched'].mean),
      fixed(g.scores.shared.mean),
      words[g.verdict],
    ]),
  );
}

/** Of the features of each band of firing rates, how many come back in every other SAE. */
function firingTable(groups) {
  const froms = [...new Set(groups.flatMap(([, g]) => g.byFiring.map(({ from }) => from)))].sort((a, b) => a - b);
  return table(
    ['', ...froms.map((from) => bands[from] ?? 'less than 0.01 %')],
    groups.map(([name, g]) => [
      named(name),
      ...froms.map((from) => {
        const band = g.byFiring.find((one) => one.from === from);
        return band ? `${share(band.inEvery07 / band.features)} of ${count(band.features)}` : '–';
      }),
    ]),
  );
}

function trainedTable(heldOut, trained) {
  const score = (id) => [`\`${id}\``, fixed(trained.scores[id].mean), fixed(heldOut.scores[id].mean)];
  return table(
    ['', 'text of the training', 'held-out text'],
    [
      ['explained', fixed(trained.explained), fixed(heldOut.explained)],
      ['live', share(trained.live), share(heldOut.live)],
      score('decoder.max.live'),
      score('activation.max.live'),
      ['the same of untrained SAEs', fixed(trained.scores['activation.max.live'].strict), fixed(heldOut.scores['activation.max.live'].strict)],
    ],
  );
}

function massiveTable(all, ordinary) {
  const column = ({ activations, explained, scores, supported, verdict }) => {
    const { evidence } = supported.find(({ id }) => id === 'data.massive-rows') ?? { evidence: {} };
    return [
      count(activations.rows),
      count(evidence.massiveRows ?? 0),
      share(evidence.massiveShare),
      `${fixed(activations.effectiveRank, 0)}, ${fixed(evidence.ordinaryRank, 0)}`,
      `${fixed(explained)}, ${fixed(evidence.ordinaryExplained)}`,
      `${fixed(scores['activation.max.live'].mean)}, ${fixed(evidence.codesWithout)}`,
      `${fixed(scores['decoder.max.live'].mean)}, ${fixed(evidence.decodersWithout)}`,
      supported.map(({ id }) => `\`${id}\``).join(', ') || 'none',
      words[verdict],
    ];
  };
  const [left, right] = [column(all), column(ordinary)];
  const names = [
    'rows',
    'of these massive',
    'which hold of the variance',
    'effective rank: all rows, without massive ones',
    'explained: all rows, without',
    '`activation.max.live`: all rows, without',
    '`decoder.max.live`: all features, those that fire without',
    'findings that warn or fail',
    'verdict',
  ];
  return table(
    ['three SAEs each, measured on all rows', 'trained on all rows', 'trained without first positions'],
    names.map((name, i) => [name, left[i], right[i]]),
  );
}

function crossedTable({ variance }) {
  const told = ({ value, interval }) => `${fixed(value)} (${fixed(interval.low)} to ${fixed(interval.high)})`;
  return table(
    ['', 'δ order alone', 'δ init alone', 'δ both', 'init', 'order', 'as soon as either changes'],
    Object.entries(variance).map(([id, { kinds, shares }]) => [
      `\`${id}\``,
      ...[kinds.order, kinds.init, kinds.both].map(({ disagreement }) => fixed(disagreement)),
      ...[shares.init, shares.order, shares.either].map(told),
    ]),
  );
}

function consensusTable({ dictionary: { kept } }) {
  const row = (text, one) => [text, count(one.features), fixed(one.explainedVariance), fixed(one.l0, 1)];
  const best = kept.members.reduce((a, b) => (b.explainedVariance > a.explainedVariance ? b : a));
  return table(
    ['held-out rows', 'features', 'explained', 'active'],
    [
      row('the consensus dictionary', kept.dictionary),
      row('the same, averaged and not fitted', kept.averaged),
      row('the best SAE cut to as many features, those that fire most', kept.cuts.firing),
      row('the same, fitted as the dictionary is', kept.cutRefitted),
      row('the best SAE cut at random', kept.cuts.random),
      row('the best SAE, whole', best),
    ],
  );
}

/** The page with these tables in their places. */
export function withTables(page, tables) {
  return Object.entries(tables).reduce((text, [name, content]) => {
    const place = new RegExp(`(<!-- language-model:${name} -->\n)[\\s\\S]*?(<!-- /language-model:${name} -->)`);
    if (!place.test(text)) throw new Error(`the page has no place for the table ${name}`);
    return text.replace(place, (_, before, after) => `${before}${content}\n${after}`);
  }, page);
}

function main() {
  const numbers = numbersOf(resolve(process.argv[2] ?? 'runs'), configurations);
  writeFileSync(join(docs, 'language-model.json'), `${JSON.stringify(numbers, null, 1)}\n`);
  const page = join(docs, 'language-model.md');
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), tablesOf(numbers)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();

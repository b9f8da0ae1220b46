// Draws every null that has a formula over a grid of shapes and writes means and SDs to tests/fixtures/null-grid.json.
//
//   npm run null-grid -- [--threads N] [--kernel native|portable] [--to FILE] [--resume]
//
// 1,000 pairs a point, 100 to 300 of the largest shapes; tests/metrics/nulls/null-grid.test.ts holds the formulas against them. The
// constants of src/stats/random-assignment.ts were fitted to other seeds. Prints the table of docs/statistics.md about the
// one-to-one null at the end. About ten minutes with the native kernel.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { selectKernel } from '../dist/kernel/select.js';
import { subspaceOverlap } from '../dist/kernel/spectrum.js';
import { drawMax, randomDirections } from '../dist/metrics/chance/best-match.js';
import { drawMatched } from '../dist/metrics/chance/one-to-one.js';
import { drawShared } from '../dist/metrics/chance/shared.js';
import { drawScores } from '../dist/metrics/draws/draw-scores.js';
import {
  assignmentFormulaHolds,
  assignmentSpread,
  expectedAssignment,
} from '../dist/stats/random-assignment.js';

const seed = 2;
const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    kernel: { type: 'string', default: 'auto' },
    to: { type: 'string', default: 'tests/fixtures/null-grid.json' },
    // Keeps the points of these shapes and draws that the file has.
    resume: { type: 'boolean', default: false },
  },
});
const kernel = selectKernel({ threads: Number(options.threads), kernel: options.kernel });

const sizes = ['d', 'f', 'g'];

/** d, F, G, and the draws where they are not 1,000. */
const shapes = [
  ...[8, 16, 32, 64, 128, 768].flatMap((d) => [
    [d, 8, 8],
    [d, 32, 32],
    [d, 32, 128],
    [d, 100, 128],
    [d, 128, 128],
  ]),
  [16, 1, 64],
  [32, 512, 512],
  [64, 256, 1024],
  [128, 512, 512],
  [128, 512, 1024, 300],
  [512, 512, 512, 300],
  [128, 1024, 1024],
  [16, 1024, 1024, 100],
  [64, 2048, 2048, 100],
  [256, 1024, 4096, 100],
];
const subspaces = [
  [8, 16],
  [8, 64],
  [16, 32],
  [32, 128],
  [64, 128],
  [64, 192],
];
const sharedShapes = [
  [16, 32, 32],
  [16, 16, 64],
  [64, 8, 8],
  [64, 128, 128],
  [64, 100, 128],
  [128, 256, 256],
];

const known =
  options.resume && existsSync(options.to) ? JSON.parse(readFileSync(options.to, 'utf8')).points : [];
const points = [];

/** Draws the metrics of a shape together, unless all are known. */
async function point(metrics, shape, draws, draw) {
  const kept = metrics.map((metric) =>
    known.find((k) => k.metric === metric && k.draws === draws && sizes.every((n) => k[n] === shape[n])),
  );
  const drawn = kept.every(Boolean) ? kept : await draw({ kernel, seed, draws });
  for (const [i, metric] of metrics.entries()) {
    const { mean, sd } = drawn[i];
    points.push({ metric, ...shape, draws, mean, sd });
    console.log(`${metric}  ${Object.values(shape).join(' ')}  ${mean.toFixed(5)} ± ${sd.toExponential(2)}`);
  }
  const lines = points.map((p) => `    ${JSON.stringify(p)}`);
  writeFileSync(options.to, `{\n  "seed": ${seed},\n  "points": [\n${lines.join(',\n')}\n  ]\n}\n`);
}

for (const [d, f, g, draws = 1000] of shapes) {
  const shape = { d, f, g };
  await point(['decoder.max'], shape, draws, async (drawing) => [await drawMax([f, g], d, drawing)]);
  await point(['decoder.matched', 'decoder.matched.abs'], shape, draws, (drawing) =>
    drawMatched([f, g], d, [false, true], drawing),
  );
}
for (const [rank, d] of subspaces) {
  // Of more directions than dimensions, as a dictionary has.
  const f = 2 * d;
  const sets = {
    stream: 'random-subspaces',
    labels: [f, f],
    make: (_, rng) => kernel.topSubspace(randomDirections(f, d, rng), rank),
    score: async (a, b) => [subspaceOverlap(a, b)],
    whole: true,
  };
  await point([`subspace.${rank}`], { d, f, g: f }, 1000, (drawing) => drawScores(sets, drawing));
}
for (const [d, f, g] of sharedShapes) {
  await point(['shared.lenient'], { d, f, g }, 1000, async (drawing) => [
    (await drawShared([f, g], d, drawing)).lenient,
  ]);
}
kernel.close();

console.log('\n| d | F, G | formula | drawn ± SE | SEs off | SD by formula / drawn | draws |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const { metric, d, f, g, draws, mean, sd } of points) {
  if (!metric.startsWith('decoder.matched') || !assignmentFormulaHolds(d, f, g) || f * g < 128 * 128)
    continue;
  const size = [d, f, g, metric.endsWith('abs')];
  const [formula, error] = [expectedAssignment(...size), sd / Math.sqrt(draws)];
  const widths = `${f}, ${g}${size[3] ? ', absolute' : ''}`;
  const drawn = `${mean.toFixed(5)} ± ${error.toFixed(5)}`;
  const ratio = (assignmentSpread(...size) / sd).toFixed(2);
  const off = ((formula - mean) / error).toFixed(1);
  console.log(`| ${[d, widths, formula.toFixed(5), drawn, off, ratio, draws].join(' | ')} |`);
}

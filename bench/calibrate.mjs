// Checks the statistics by simulation and prints the tables of docs/statistics.md.
//
//   npm run calibrate -- [--only exact,spread,pairs,precision,uniform,fdr,crowd,coverage,crossed] [--threads N] [--kernel native|portable]
//
// Everything is drawn from named streams of seed 1: the same tables each time, whatever the kernel and the threads.
import { parseArgs } from 'node:util';
import { selectKernel } from '../dist/kernel/select.js';
import { coverage, crossed } from './calibrate/intervals.mjs';
import { exact, pairs, precision, spread } from './calibrate/nulls.mjs';
import { crowd, fdr, uniform } from './calibrate/p-values.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    threads: { type: 'string', default: '1' },
    kernel: { type: 'string', default: 'auto' },
  },
});
const kernel = selectKernel({ threads: Number(options.threads), kernel: options.kernel });

const parts = { exact, spread, pairs, precision, uniform, fdr, crowd, coverage, crossed };
const chosen = options.only?.split(',') ?? Object.keys(parts);
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`calibrate: nothing called ${unknown.join(', ')}; there is ${Object.keys(parts).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of chosen) await parts[name](kernel);
}
await kernel.close();

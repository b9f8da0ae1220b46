// What the tables of `npm run calibrate` have in common: the streams that are drawn from, and how a table is printed.
import { randomDirections } from '../../dist/metrics/chance/best-match.js';
import { sampleSd } from '../../dist/stats/summary.js';
import { unitRows } from '../../dist/tensor/matrix.js';
import { Rng } from '../../dist/tensor/rng.js';

export const seed = 1;

export const rng = (...stream) => new Rng(seed, 'calibrate', ...stream);
export const units = (features, d, ...stream) => unitRows(randomDirections(features, d, rng(...stream))).unit;
export const standardError = (values) => sampleSd(values) / Math.sqrt(values.length);
export const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

export function table(title, ...head) {
  console.log(`\n${title}\n`);
  row(...head);
  row(...head.map(() => '---'));
}

/** Unit rows of which the first `shared` have this cosine with those of `base` on average. */
export function related(base, shared, cosine, draw) {
  const { rows, cols } = base;
  const own = unitRows(randomDirections(rows, cols, draw)).unit;
  const rest = Math.sqrt(1 - cosine ** 2);
  for (let at = 0; at < shared * cols; at++) own.data[at] = cosine * base.data[at] + rest * own.data[at];
  return unitRows(own).unit;
}

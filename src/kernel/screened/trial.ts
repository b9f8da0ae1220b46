// Which is faster here, the screen or the kernel below? Tried once, on random unit rows, in about a second.
import { type Matrix, Rng, unitRows, zeros } from '../../tensor/index.js';
import type { Kernel } from '../interface.js';
import { screenedMatches } from './best-matches.js';
import type { Screen } from './screen.js';

/** Rows of each side and their width: large enough that starting the device does not decide. */
const ROWS = 4096;
const WIDTH = 768;

/** How many times as fast best matches are by the screen as by the kernel below, the second time that each does it. */
export async function trialRatio(screen: Screen, kernel: Kernel): Promise<number> {
  const [a, b] = [randomUnitRows(1), randomUnitRows(2)];
  const byScreen = () => screenedMatches(screen, kernel, a, b);
  const below = () => kernel.bestMatches(a, b);
  // The first time, shaders are compiled and memory is touched.
  await byScreen();
  await below();
  return (await seconds(below)) / (await seconds(byScreen));
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function randomUnitRows(seed: number): Matrix {
  const rows = zeros(ROWS, WIDTH);
  new Rng(seed, 'trial').fillNormal(rows.data);
  return unitRows(rows).unit;
}

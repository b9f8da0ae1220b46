// Reads damaged and hostile files of every container, and keeps those that end in anything but a result or a clear error.
//
//   npm run fuzz -- [--minutes 10] [--seed N] [--container NAME]
//   npm run fuzz -- --file FILE
//
// A file with a fault is kept in fuzz-faults/; --file reads it again. The same seed gives the same inputs, in their order.
// The fuzz run is TypeScript beside the tests, which run a sample of it; Vite, which vitest brings, runs it.
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    container: { type: 'string' },
    file: { type: 'string' },
  },
});
const root = new URL('../', import.meta.url).pathname;
const { module } = await runnerImport(`${root}tests/fuzz/main.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
try {
  const { minutes, seed, ...rest } = options;
  const clean = await module.main({ ...rest, minutes: Number(minutes), seed: Number(seed) });
  if (!clean) process.exitCode = 1;
} catch (problem) {
  console.error(`fuzz: ${problem.message}`);
  process.exitCode = 2;
}

// Runs the zoo of artefacts (tests/zoo) and prints how often the diagnosis is right.
//
//   npm run zoo -- [--kind NAME,…] [--seeds 10-19] [--threads N] [--json FILE] [--from FILE,…] [--docs]
//
// Thresholds may be chosen on even seeds; odd ones are what is reported. --docs puts the tables and the picture into
// docs/diagnosis.md. --from takes outcomes that were written with --json instead of running anything: of seeds that were shared
// out over processes, which is quicker than threads. The zoo is TypeScript beside the tests, which run a sample of it; Vite,
// which vitest brings, runs it.
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values: options } = parseArgs({
  options: {
    kind: { type: 'string' },
    seeds: { type: 'string', default: '10-19' },
    threads: { type: 'string', default: '1' },
    json: { type: 'string' },
    from: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});
const root = new URL('../', import.meta.url).pathname;
const { module } = await runnerImport(`${root}tests/zoo/main.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
const { docs, threads, ...rest } = options;
try {
  await module.zoo({
    ...rest,
    threads: Number(threads),
    ...(docs ? { docs: { page: 'docs/diagnosis.md', picture: 'docs/images/zoo.svg' } } : {}),
  });
} catch (problem) {
  console.error(`zoo: ${problem.message}`);
  process.exitCode = 2;
}

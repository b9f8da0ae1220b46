// Compares SAEs of thousands of small shapes, or of a few large ones, and prints each that does not end as it should.
//
//   npm run shapes -- [--seeds 1-10] [--runs 60] [--threads N] [--kernel native|portable] [--path CODE_PATH]
//   npm run shapes -- --large [--features 4096] …
//
// The shapes are those of tests/compare/shapes.ts, of which npm test compares a sample; Vite, which vitest brings, runs it.

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { runnerImport } from 'vite';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-10' },
    runs: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    kernel: { type: 'string', default: 'auto' },
    path: { type: 'string' },
    large: { type: 'boolean', default: false },
    features: { type: 'string' },
  },
});
if (options.path) process.env.RESEED_KERNEL_PATH = options.path;
const root = new URL('../', import.meta.url).pathname;
const { selectKernel } = await import('../dist/kernel/select.js');
const kernel = selectKernel({ threads: Number(options.threads), kernel: options.kernel });
const { module } = await runnerImport(`${root}tests/compare/shapes.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
console.log(`kernel: ${kernel.reason}`);

const sae = { decoder: 'random', encoder: 'decoder', k: 32, kind: 'topk' };
/** Weights only; one side of each pair is as large as those of published SAEs. */
const large = [
  [3072, 768],
  [4096, 1024],
  [16_384, 768],
  [131_072, 4096],
].map(([features, d]) => ({ seed: 1, d, saes: [1, 2].map(() => ({ ...sae, features })), activations: null }));

/** What is wrong with the comparison of a shape; empty where nothing is. */
async function faultsOf(shape) {
  try {
    return (await module.compareShape(shape, kernel)).faults;
  } catch (error) {
    return [`${error.code ?? error.name}: ${error.message}`];
  }
}

async function compareLarge() {
  const chosen = large.filter(
    ({ saes }) => !options.features || saes[0].features === Number(options.features),
  );
  let bad = 0;
  for (const shape of chosen) {
    const begin = performance.now();
    const cpu = process.cpuUsage();
    const faults = await faultsOf(shape);
    const { user, system } = process.cpuUsage(cpu);
    const times = `${((performance.now() - begin) / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processor time`;
    const peak = `peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`;
    console.log(
      `[${shape.saes[0].features} × ${shape.d}]: ${faults.join('; ') || 'sound'}; ${times}, ${peak}`,
    );
    if (faults.length > 0) bad++;
  }
  return bad;
}

async function compareSmall() {
  const [from, to = from] = options.seeds.split('-').map(Number);
  const causes = new Map();
  let done = 0;
  for (let seed = from; seed <= to; seed++) {
    const drawn = fc.sample(module.shapes({ d: 80, features: 300 }), { seed, numRuns: Number(options.runs) });
    for (const shape of drawn) {
      done++;
      const faults = await faultsOf(shape);
      if (faults.length === 0) continue;
      // Numbers differ from case to case; the first case of each kind is shown.
      const cause = faults[0].replace(/-?\d[\d.e+-]*/g, '#');
      if (!causes.has(cause)) console.log(`seed ${seed}: ${faults.join('; ')}\n  ${JSON.stringify(shape)}`);
      causes.set(cause, (causes.get(cause) ?? 0) + 1);
    }
  }
  console.log(`${done} shapes`);
  for (const [cause, times] of causes) console.log(`  ${times} × ${cause}`);
  return causes.size;
}

const bad = options.large ? await compareLarge() : await compareSmall();
await kernel.close();
if (bad > 0) process.exitCode = 1;

// How a study of given size would go on 1, 2, 5 … 100 nodes: where more of them stop being of use, and why. Nothing is trained.
//
//   npm run units -- [--saes 9] [--features 131072] [--width 4096] [--rows 1000000] [--k 64] [--steps 20000] [--cpus 16]
//                    [--store 2e9] [--assembly SECONDS] [--measured FOLDER]
//
// Units and their seconds are planned as `reseed run` plans them. With --measured, an output folder of a run that was given out, the
// seconds are those that its units took, and its units are scheduled. --store: bytes a second of the file system that all share.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseStudy } from '../dist/study/config.js';
import { planStudy } from '../dist/study/plan.js';
import { planUnits } from '../dist/study/units/plan-units.js';
import { scheduleOf } from '../dist/study/units/schedule.js';

const { values: options } = parseArgs({
  options: {
    saes: { type: 'string', default: '9' },
    features: { type: 'string', default: '131072' },
    width: { type: 'string', default: '4096' },
    rows: { type: 'string', default: '1000000' },
    k: { type: 'string', default: '64' },
    steps: { type: 'string', default: '20000' },
    cpus: { type: 'string', default: '16' },
    store: { type: 'string', default: '2e9' },
    assembly: { type: 'string' },
    measured: { type: 'string' },
  },
});
const number = (name) => Number(options[name]);

async function measuredUnits(folder) {
  const work = join(folder, '.work');
  const { units } = JSON.parse(await readFile(join(work, 'job.json'), 'utf8'));
  const seconds = new Map();
  for (const { key } of units) {
    seconds.set(key, JSON.parse(await readFile(join(work, 'units', `${key}.json`), 'utf8')).seconds);
  }
  return { units, secondsOf: ({ key }) => seconds.get(key) };
}

function plannedUnits() {
  const study = parseStudy(
    `name: scale
activations: { file: none.npy }
sae: { architecture: topk, dSae: ${options.features}, k: ${options.k} }
training: { recipe: plain, steps: ${options.steps}, batchSize: 4096 }
seeds: { init: [${Array.from({ length: number('saes') }, (_, i) => i + 1)}] }`,
    'scale.yaml',
  );
  const source = { keyOf: () => 'x', shapeOf: () => ({ rows: number('rows'), cols: number('width') }) };
  const plan = planStudy(study, false);
  const units = planUnits({ plan, source }, { bundleSeconds: 30, cpus: number('cpus'), seed: 0 });
  return { units, secondsOf: ({ seconds, cpus }) => seconds / cpus };
}

const { units, secondsOf } = options.measured ? await measuredUnits(options.measured) : plannedUnits();
// The driver opens every SAE once and writes the report.
const bytes = number('saes') * 8 * number('features') * number('width');
const assembly = options.assembly === undefined ? 60 + bytes / number('store') : number('assembly');

const hours = (seconds) =>
  seconds < 5400 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
console.log(
  `${units.length} units; the driver alone ${hours(assembly)}; the store gives ${number('store') / 1e9} GB/s`,
);
let alone;
for (const nodes of [1, 2, 5, 10, 20, 50, 100]) {
  const { seconds, waves } = scheduleOf(units, {
    nodes,
    secondsOf,
    storeBytes: number('store'),
    start: 3,
    assembly,
  });
  alone ??= seconds;
  const parts = waves.map((wave) => {
    const why =
      wave.seconds === wave.store
        ? ', the store'
        : wave.seconds <= 1.001 * wave.longest
          ? ', its longest'
          : '';
    return `${wave.kind} ${hours(wave.seconds)}${why}`;
  });
  const speed = (alone / seconds).toFixed(1);
  console.log(
    `${String(nodes).padStart(4)} nodes: ${hours(seconds).padStart(9)}, ${speed} times; ${parts.join('; ')}`,
  );
}

// Trains with our recipes and with the packages' own trainers from the same weights on the same batches, and prints both.
//
// The activations are those of the shipped 2-layer transformer, layer 0 at `=`. Of both results the same code measures
// explained variance and L0.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  captureActivations,
  loadTransformerFile,
  shippedPath,
} from '../dist/activations/transformer/index.js';
import { selectKernel } from '../dist/kernel/select.js';
import { encode } from '../dist/sae/encode.js';
import { measureFit } from '../dist/sae/fit.js';
import { architectures } from '../dist/training/architectures/registry.js';
import { epochBatches } from '../dist/training/batches.js';
import { recipes } from '../dist/training/recipes/registry.js';
import { advanceOn, saeOf, startRun } from '../dist/training/sae-in-training.js';
import { warmUpWithin } from '../dist/training/schedule.js';
import { cases, nameOf } from './parity-cases.mjs';

const usage = `npm run parity -- [--dictionary-learning PYTHON] [--saelens PYTHON] [--epochs N] [--threads N] [--kernel native|portable] [--only WORD]
PYTHON is an interpreter that has the package; without one its cases are left out`;
const { values: options } = parseArgs({
  options: {
    'dictionary-learning': { type: 'string' },
    saelens: { type: 'string' },
    epochs: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    kernel: { type: 'string', default: 'auto' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
if (!options['dictionary-learning'] && !options.saelens) {
  console.error(usage);
  process.exit(2);
}

const dSae = 256;
const batchSize = 128;
const epochs = Number(options.epochs);
const threads = Number(options.threads);
const kernel = selectKernel({ threads, kernel: options.kernel });
const model = await loadTransformerFile(shippedPath(2, 'safetensors'));
const x = (await captureActivations(model, [{ layer: 0, site: 'equals' }])).get('layer0.equals');
const batches = Array.from({ length: epochs }, (_, epoch) =>
  epochBatches(7, epoch, x.rows, batchSize),
).flat();
const folder = mkdtempSync(join(tmpdir(), 'reseed-parity-'));

/** The recipe, with features dead after `window` where that is given. */
function recipeOf(name, window) {
  const recipe = recipes[name];
  if (!window) return recipe;
  // SAELens says more than so many steps, the kernel from so many on.
  const own = name === 'saelens' ? window + 1 : window;
  const topK = (sae, d, selection) => {
    const all = recipe.topK(sae, d, selection);
    const auxiliary = { ...all.hyper.auxiliary, dead: { ...all.hyper.auxiliary.dead, window: own } };
    return { ...all, hyper: { ...all.hyper, auxiliary } };
  };
  return { ...recipe, topK };
}

async function fitOf(state, plan) {
  const sae = saeOf(state, plan);
  const codes = await encode(sae, x, kernel);
  return measureFit(sae, x, codes);
}

const bytes = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);
const floats = (file) => {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return buffer.slice(byteOffset, byteOffset + byteLength);
};

async function run(one, at) {
  const { peer, deadWindow } = one;
  const sae = { dSae, ...one.sae };
  const recipe = recipeOf(peer, deadWindow);
  const learningRate = one.learningRate ?? recipe.learningRate(sae);
  const plan = { sae, recipe, epochs, batchSize, learningRate };
  const { family, selection } = architectures[sae.architecture];
  const state = startRun(plan, 1, x.cols, x);
  const rules = family === 'top-k' ? recipe.topK(sae, x.cols, selection) : recipe.dense(sae, x.cols);
  const to = join(folder, String(at));
  mkdirSync(to);
  const put = (name, array) => writeFileSync(join(to, `${name}.bin`), bytes(array));
  put('x', x.data);
  put('order', Int32Array.from(batches.flatMap((batch) => [...batch])));
  for (const [name, array] of Object.entries(state.adam.weights)) put(name, array);
  const steps = batches.length;
  const layout = {
    ...sae,
    peer,
    threads,
    d: x.cols,
    features: dSae,
    steps,
    learningRate,
    deadWindow,
    batches: batches.map(({ length }) => length),
    parameters: Object.keys(state.adam.weights),
    warmUp: warmUpWithin(rules.warmUp, steps),
    sparsityWarmUp: warmUpWithin(rules.sparsityWarmUp ?? 0, steps),
    thresholdAfter: warmUpWithin(rules.threshold?.after ?? 0, steps),
  };
  const began = performance.now();
  const [{ total: ours }] = await advanceOn(x, plan, kernel)([{ state, batches }]);
  const seconds = (performance.now() - began) / 1000;
  const own = await fitOf(state, plan);
  const script = fileURLToPath(new URL('./parity.py', import.meta.url));
  const trainPackage = async (nudge) => {
    writeFileSync(join(to, 'case.json'), JSON.stringify({ ...layout, nudge }));
    const { status } = spawnSync(options[peer], [script, to], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`${nameOf(one)}: the package failed`);
    for (const [name, array] of Object.entries(state.adam.weights)) {
      array.set(new Float32Array(floats(join(to, `final-${name}.bin`))));
    }
    const { threshold, seconds } = JSON.parse(readFileSync(join(to, 'report.json'), 'utf8'));
    if (threshold !== undefined) state.adam.threshold = threshold;
    return {
      losses: [...new Float64Array(floats(join(to, 'losses.bin')))],
      seconds,
      fit: await fitOf(state, plan),
    };
  };
  return {
    name: nameOf(one),
    ours: { losses: ours, seconds, fit: own },
    theirs: await trainPackage(false),
    nudged: await trainPackage(true),
  };
}

/** Largest relative difference of two loss curves in the first 100 steps. */
function apart(a, b) {
  return Math.max(...a.losses.slice(0, 100).map((loss, s) => Math.abs(loss / b.losses[s] - 1)));
}

/** The mean over the last epoch: single batches differ. */
function lastLoss({ losses }) {
  const part = losses.slice(-Math.ceil(x.rows / batchSize));
  return part.reduce((sum, loss) => sum + loss, 0) / part.length;
}

const marks = [1, 10, 100, 500, batches.length];
const chosen = cases.filter((one) => options[one.peer] && nameOf(one).includes(options.only ?? ''));
const results = [];
for (const [at, one] of chosen.entries()) {
  const result = await run(one, at);
  results.push(result);
  const { name, ours, theirs, nudged } = result;
  console.log(`\n${name}: ${ours.seconds.toFixed(1)} s, the package ${theirs.seconds.toFixed(1)} s`);
  for (const mark of marks.filter((step) => step <= ours.losses.length)) {
    const three = [ours, theirs, nudged].map(({ losses }) => losses[mark - 1].toPrecision(6).padStart(12));
    console.log(`  step ${String(mark).padStart(5)} ${three.join(' ')}`);
  }
}
if (options.json) writeFileSync(options.json, JSON.stringify(results));
const columns = [
  ['loss curves apart', ({ ours, theirs }) => apart(ours, theirs).toExponential(0)],
  ['the package from itself', ({ nudged, theirs }) => apart(nudged, theirs).toExponential(0)],
  ['last epoch, ours', ({ ours }) => lastLoss(ours).toPrecision(5)],
  ['the package', ({ theirs }) => lastLoss(theirs).toPrecision(5)],
  ['EV, ours', ({ ours }) => ours.fit.explainedVariance.toFixed(4)],
  ['the package', ({ theirs }) => theirs.fit.explainedVariance.toFixed(4)],
  ['again', ({ nudged }) => nudged.fit.explainedVariance.toFixed(4)],
  ['L0, ours', ({ ours }) => ours.fit.l0.toFixed(2)],
  ['the package', ({ theirs }) => theirs.fit.l0.toFixed(2)],
  ['again', ({ nudged }) => nudged.fit.l0.toFixed(2)],
];
console.log(`\n| case | ${columns.map(([title]) => title).join(' | ')} |`);
console.log(`| --- | ${columns.map(() => '---:').join(' | ')} |`);
for (const result of results) {
  console.log(`| ${result.name} | ${columns.map(([, cell]) => cell(result)).join(' | ')} |`);
}
await kernel.close();

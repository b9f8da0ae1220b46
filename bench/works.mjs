// What is measured: the work, its size, its peers with the ratio to reach, and the same work by our kernel.

import { plainTopK, startTopKState } from '../dist/kernel/top-k.js';
import {
  decoderMatched,
  decoderMax,
  encoderMatched,
  encoderMax,
  sharedScores,
  subspaceScores,
} from '../dist/metrics/index.js';
import { Rng, sharedFloat32 as shared } from '../dist/tensor/index.js';

/** Fills an array with standard normal values. */
function gaussian(n, seed, scale = 1) {
  const rng = new Rng(seed, 'bench');
  const out = shared(n);
  for (let i = 0; i < n; i++) out[i] = scale * rng.normal();
  return out;
}

function unitRows(rows, cols, seed) {
  const data = gaussian(rows * cols, seed);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let t = 0; t < cols; t++) row[t] /= norm;
  }
  return { rows, cols, data };
}

/** Unit rows from a generator that is quick rather than good; for matrices that take minutes otherwise. */
export function quickUnitRows(rows, cols, seed) {
  const data = shared(rows * cols);
  let state = seed >>> 0;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = ((state >>> 8) / 2 ** 24 - 0.5) * Math.sqrt(12 / cols);
  }
  return { rows, cols, data };
}

function matchLarge(kernel, { f, g, d }) {
  const a = quickUnitRows(f, d, 1);
  const b = quickUnitRows(g, d, 2);
  return () => kernel.bestMatches(a, b);
}

function match(kernel, { f, g, d }) {
  const a = unitRows(f, d, 1);
  const b = unitRows(g, d, 2);
  return () => kernel.bestMatches(a, b);
}

/** Unit rows of which the first third of B are noisy copies of A's (cosine about 0.9), the rest independent. */
export function thirdShared({ f, d }) {
  const a = quickUnitRows(f, d, 1);
  const b = quickUnitRows(f, d, 2);
  const shared = Math.floor(f / 3) * d;
  for (let e = 0; e < shared; e++) b.data[e] = 0.9 * a.data[e] + Math.sqrt(1 - 0.81) * b.data[e];
  return { a, b };
}

function assign(kernel, sizes) {
  const { a, b } = thirdShared(sizes);
  return () => kernel.assign(a, b, { memory: 2 ** 31 });
}

/** SAEs of which any two share a third of their features (cosine about 0.8); encoders are noisy copies of decoders. */
function relatedSaes({ saes, f, d }) {
  const common = quickUnitRows(f, d, 1).data;
  const mixed = (data, other, keep, n) => {
    for (let e = 0; e < n; e++) data[e] = keep * other[e] + Math.sqrt(1 - keep * keep) * data[e];
    return { rows: f, cols: d, data };
  };
  return Array.from({ length: saes }, (_, s) => {
    const decoder = mixed(quickUnitRows(f, d, 2 + s).data, common, 0.9, Math.floor(f / 3) * d);
    const encoder = mixed(quickUnitRows(f, d, 102 + s).data, decoder.data, 0.8, f * d);
    const sae = { encoder, decoder, encoderBias: shared(f), decoderBias: shared(d) };
    return { id: String(s), sae };
  });
}

/** Every metric of decoders and encoders. */
function compareWeights(kernel, sizes) {
  const members = relatedSaes(sizes);
  return async () => {
    await decoderMax(members, kernel);
    await encoderMax(members, kernel);
    const decoder = await decoderMatched(members, kernel);
    await decoderMatched(members, kernel, { absolute: true });
    const encoder = await encoderMatched(members, kernel);
    sharedScores(decoder, encoder);
    await subspaceScores(members, kernel);
  };
}

/** The end of an assignment, for people. */
const certificate = ({ gap, method, candidates }) =>
  `proven gap ${gap.toExponential(1)} a pair, ${method}${candidates ? ` (${candidates} a row)` : ''}`;

function weights(f, d, fill) {
  return { encoder: fill(f * d), encoderBias: shared(f), decoder: fill(f * d), decoderBias: shared(d) };
}

const encodeOptions = (k) => ({ k, relu: false, subtractDecoderBias: false });

/** Four batches of normal rows, and the rows of each step. */
function trainingData(d, batch, steps) {
  const x = { rows: 4 * batch, cols: d, data: gaussian(4 * batch * d, 1) };
  const batches = Array.from({ length: steps }, (_, s) =>
    Int32Array.from({ length: batch }, (_, n) => (s % 4) * batch + n),
  );
  return { x, batches };
}

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** @param seeds how many at once @param steps in one call */
function train(kernel, { d, f, k, batch }, { seeds, steps }) {
  const { x, batches } = trainingData(d, batch, steps);
  const hyper = { ...plainTopK, ...encodeOptions(k), ...adam };
  const tasks = Array.from({ length: seeds }, (_, s) => ({
    state: startTopKState(weights(f, d, (n) => gaussian(n, s + 2, 0.1))),
    batches,
    learningRates: new Float64Array(steps).fill(3e-4),
  }));
  return () => kernel.trainTopK(x, tasks, hyper);
}

/** dictionary_learning's recipe: unit decoder rows, projected and clipped gradients, AuxK. */
const recipe = (d, k) => ({
  ...plainTopK,
  ...adam,
  k,
  relu: true,
  subtractDecoderBias: true,
  meanOverWidth: false,
  projectGradient: true,
  normaliseDecoder: 'after',
  clipNorm: 1,
  auxiliary: {
    k: d / 2,
    coefficient: 1 / 32,
    relu: true,
    normalise: true,
    scaleByDead: false,
    bias: 'none',
    dead: { unit: 'rows', window: 1e7, judged: 'after', firedAbove: 0 },
  },
});
const overBatch = { selection: 'batch', threshold: { keep: 0.999, from: 1000 } };
const fifths = (f) =>
  [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map((share) => ({ features: Math.round(share * f), weight: 0.2 }));

/** @param options beside the recipe's @param dead share of the features that never fire */
function trainRecipe(kernel, { d, f, k, batch }, { seeds, steps, options = {}, dead = 0 }) {
  const { x, batches } = trainingData(d, batch, steps);
  const tasks = Array.from({ length: seeds }, (_, s) => {
    const table = unitRows(f, d, s + 2).data;
    const start = { encoder: table, encoderBias: shared(f), decoder: table, decoderBias: shared(d) };
    start.encoderBias.fill(-100, 0, dead * f);
    const state = startTopKState(start);
    state.sinceFired.fill(2 ** 29, 0, dead * f);
    return { state, batches, learningRates: new Float64Array(steps).fill(3e-4) };
  });
  return () => kernel.trainTopK(x, tasks, { ...recipe(d, k), ...options });
}

/** Rows of one bench: five small SAEs at once, and one large. */
const recipeWorks = (part, name, optionsOf) =>
  [
    { d: 128, f: 1024, k: 32, batch: 256, seeds: 5, steps: 20, rounds: 7 },
    { d: 768, f: 12288, k: 32, batch: 2048, seeds: 1, steps: 12, rounds: 3 },
  ].map(({ seeds, steps, rounds, ...sizes }) => ({
    part,
    title: `${name} training step, d ${sizes.d}, F ${sizes.f}, k 32, batch ${sizes.batch}${seeds > 1 ? ', 5 seeds, per seed' : ''}`,
    sizes,
    peers: { torch: 3 },
    make: (kernel) => trainRecipe(kernel, sizes, { seeds, steps, ...optionsOf(sizes) }),
    share: 1 / (seeds * steps),
    rounds,
    peerRepeat: Math.max(2, steps),
    operations: ({ d, f, k, batch }) => 2 * batch * d * f + 8 * batch * k * d,
  }));

/** Autoencoders of which about 5 % of the features are active on a row. */
function trainDense(kernel, { d, f, batch }, { seeds, steps, architecture = 'relu', perFeature }) {
  const { x, batches } = trainingData(d, batch, steps);
  const arrays = (fill, columns) => ({
    encoder: fill(f * d),
    decoder: fill(f * d),
    decoderBias: shared(d),
    perFeature: columns.map((value) => shared(f).fill(value)),
  });
  const start = perFeature ?? ((bias) => [bias]);
  const columns = start(0.1645 * Math.sqrt(d) * -1);
  const tasks = Array.from({ length: seeds }, (_, s) => ({
    state: {
      features: f,
      width: d,
      weights: arrays((n) => gaussian(n, s + 2, 0.1), columns),
      first: arrays(
        shared,
        columns.map(() => 0),
      ),
      second: arrays(
        shared,
        columns.map(() => 0),
      ),
      step: 0,
    },
    batches,
    learningRates: new Float64Array(steps).fill(3e-4),
    sparsities: new Float64Array(steps).fill(1e-3),
  }));
  const hyper = {
    architecture,
    subtractDecoderBias: false,
    weighByDecoderNorm: false,
    meanOverWidth: false,
    bandwidth: 0.05,
    ...adam,
    projectGradient: false,
    normaliseDecoder: false,
  };
  return () => kernel.trainDense(x, tasks, hyper);
}

/** Rows of one bench: five small SAEs at once, and one large. @param share of the flops of all pre-activations */
const denseWorks = (part, name, share, optionsOf) =>
  [
    { d: 128, f: 1024, batch: 256, seeds: 5, steps: 20, rounds: 7 },
    { d: 768, f: 6144, batch: 1024, seeds: 1, steps: 12, rounds: 3 },
  ].map(({ seeds, steps, rounds, ...sizes }) => ({
    part,
    title: `${name} training step, d ${sizes.d}, F ${sizes.f}, batch ${sizes.batch}${seeds > 1 ? ', 5 seeds, per seed' : ''}`,
    sizes,
    peers: { torch: 3 },
    make: (kernel) => trainDense(kernel, sizes, { seeds, steps, ...optionsOf() }),
    share: 1 / (seeds * steps),
    rounds,
    peerRepeat: Math.max(2, steps),
    operations: ({ d, f, batch }) => 2 * batch * d * f * share,
  }));

/** Codes of Gaussian pre-activations: each row fires k features at random. */
function cofire(kernel, { n, f, k }) {
  const codes = (seed) => {
    const x = { rows: n, cols: 16, data: gaussian(n * 16, seed) };
    return kernel.encodeTopK(
      weights(f, 16, (m) => gaussian(m, seed + 1)),
      x,
      encodeOptions(k),
    );
  };
  const ready = Promise.all([codes(1), codes(5)]);
  return async () => {
    const [a, b] = await ready;
    await kernel.coFiring(a, b);
  };
}

/**
 * `share`: which part of one call of ours is one piece of work; `onDemand`: only when it is named; a peer's number is
 * the ratio to reach; `say`: what to print of a result.
 */
export const works = [
  {
    part: 'match',
    title: 'best matches, 8192 × 8192 × 2304',
    sizes: { f: 8192, g: 8192, d: 2304 },
    peers: { numpy: 3.5, torch: 5 },
    make: match,
    rounds: 5,
    operations: ({ f, g, d }) => 2 * f * g * d,
  },
  {
    part: 'match',
    title: 'best matches, 1024 × 1024 × 128',
    sizes: { f: 1024, g: 1024, d: 128 },
    peers: { numpy: 2, torch: 2 },
    make: match,
    rounds: 11,
    repeat: 20,
    operations: ({ f, g, d }) => 2 * f * g * d,
  },
  {
    part: 'train',
    title: 'training step, d 128, F 1024, k 32, batch 256, 5 seeds, per seed',
    sizes: { d: 128, f: 1024, k: 32, batch: 256 },
    peers: { torch: 8 },
    make: (kernel, sizes) => train(kernel, sizes, { seeds: 5, steps: 20 }),
    share: 1 / 100,
    rounds: 9,
    repeat: 1,
    peerRepeat: 20,
    operations: ({ d, f, k, batch }) => 2 * batch * d * f + 8 * batch * k * d,
  },
  {
    part: 'train',
    title: 'training step, d 768, F 12288, k 32, batch 2048',
    sizes: { d: 768, f: 12288, k: 32, batch: 2048 },
    peers: { torch: 4 },
    make: (kernel, sizes) => train(kernel, sizes, { seeds: 1, steps: 2 }),
    share: 1 / 2,
    rounds: 3,
    peerRepeat: 2,
    operations: ({ d, f, k, batch }) => 2 * batch * d * f + 8 * batch * k * d,
  },
  ...denseWorks('relu', 'ReLU', 1.2, () => ({})),
  ...recipeWorks('train-batchtopk', 'BatchTopK', () => ({ options: overBatch })),
  ...recipeWorks('train-matryoshka', 'Matryoshka, 5 levels,', ({ f }) => ({
    options: { ...overBatch, levels: fifths(f) },
  })),
  ...recipeWorks('train-auxk', 'TopK and AuxK, half dead,', () => ({ dead: 0.5 })),
  ...denseWorks('train-jumprelu', 'JumpReLU', 1.2, () => ({
    architecture: 'jumprelu',
    perFeature: (bias) => [0, -bias],
  })),
  ...denseWorks('train-gated', 'Gated', 1.3, () => ({
    architecture: 'gated',
    perFeature: (bias) => [bias, bias, 0],
  })),
  {
    part: 'assign',
    title: 'assignment with its product, 4096 × 4096 × 768',
    sizes: { f: 4096, d: 768 },
    peers: { scipy: 2 },
    make: assign,
    rounds: 3,
    operations: ({ f, d }) => 2 * f * f * d,
    say: certificate,
  },
  {
    part: 'cofire',
    title: 'co-firing, N 12769, F 1024, k 32',
    sizes: { n: 12769, f: 1024, k: 32 },
    peers: { torch: 5 },
    make: cofire,
    rounds: 7,
    repeat: 3,
    operations: ({ n, k }) => 2 * n * k * k,
  },
  // Pairs are independent and of one size, so one pair tells the ratio; the five SAEs are there for the memory.
  {
    part: 'compare',
    title: 'all decoder and encoder metrics, 2 SAEs of 16,384 × 768',
    sizes: { saes: 2, f: 16384, d: 768 },
    peers: { scipy: 3 },
    make: compareWeights,
    rounds: 1,
    onDemand: true,
    operations: ({ f, d }) => 10 * f * f * d,
  },
  {
    part: 'compare',
    title: 'the same, 5 SAEs',
    sizes: { saes: 5, f: 16384, d: 768 },
    peers: {},
    make: compareWeights,
    rounds: 1,
    onDemand: true,
    operations: ({ f, d }) => 100 * f * f * d,
  },
  {
    part: 'large',
    title: 'best matches, 65536 × 65536 × 2304',
    sizes: { f: 65536, g: 65536, d: 2304 },
    peers: {},
    make: matchLarge,
    rounds: 1,
    onDemand: true,
    operations: ({ f, g, d }) => 2 * f * g * d,
  },
  {
    part: 'assign-large',
    title: 'assignment, 65536 × 65536 × 768, a third shared',
    sizes: { f: 65536, d: 768 },
    peers: {},
    make: assign,
    rounds: 1,
    onDemand: true,
    operations: ({ f, d }) => 2 * f * f * d,
    say: certificate,
  },
];

// A short measurement on this machine of what a study is made of: steps of training, and the kernel's comparisons.
import { rowsOf } from '../activations/activation-rows.js';
import { passOverActivations } from '../evidence/activation-pass.js';
import type { Rates } from '../evidence/plan.js';
import { featureExamples, mostExamples } from '../features/examples.js';
import type { Kernel } from '../kernel/interface.js';
import { encodeExamples } from '../report/example-table.js';
import { encode } from '../sae/encode.js';
import { squaredErrors } from '../sae/fit.js';
import { dSae, type Sae } from '../sae/sae.js';
import { type Matrix, sharedFloat32, unitRows, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { codeRowRange, type SparseCodes, takeCodeRows } from '../tensor/sparse-codes.js';
import { hashOf } from './hash-of.js';
import type { Settings } from './settings.js';
import { saeOf, startTraining, trainRuns } from './trainer.js';

/** Seconds on this machine; what was measured on less is scaled up to the sizes of the study. */
export interface MeasuredCosts {
  /** A training step of all the SAEs of a group together. */
  readonly step: number;
  /** One call of each operation that comparing asks for. */
  readonly rates: Rates;
  /** Choosing the examples of one SAE, where there are tokens, and writing them; its rows are encoded before. */
  readonly examples: number;
}

/** Sizes that are measured at the most; beyond them cost is taken to grow as it does in theory. */
const mostFeatures = 2048;
const mostRows = 2048;

/** Steps are taken for this long, or twice where one takes longer. */
const trainingSeconds = 0.2;

/** N and d of the activations, random ones stand for them, and how many SAEs are trained together. */
export interface MeasuredSizes {
  readonly rows: number;
  readonly width: number;
  readonly saes: number;
}

async function measureCosts(
  settings: Settings,
  { rows, width, saes }: MeasuredSizes,
  kernel: Kernel,
): Promise<MeasuredCosts> {
  const drawn = zeros(Math.min(rows, Math.max(mostRows, 2 * settings.batchSize)), width);
  new Rng(0, 'measured costs').fillNormal(drawn.data);
  const first = (n: number): Matrix => ({ rows: n, cols: width, data: drawn.data.subarray(0, n * width) });
  const x = first(Math.min(drawn.rows, 2 * settings.batchSize));
  const runs = Array.from({ length: saes }, (_, i) => ({
    id: String(i),
    orderSeed: i,
    state: startTraining(settings, i, x),
  }));
  const { epochs: _, snapshots: __, ...open } = settings;
  const perEpoch = Math.ceil(x.rows / settings.batchSize);
  let steps = 0;
  // Whole epochs, since training goes by them; the first one warms up.
  const train = () => trainRuns(x, runs, { ...open, steps: steps + perEpoch }, kernel, {});
  await train();
  steps += perEpoch;
  let trained = 0;
  const started = performance.now();
  do {
    await train();
    steps += perEpoch;
    trained += perEpoch;
  } while (performance.now() - started < 1000 * trainingSeconds);
  const step = (performance.now() - started) / 1000 / trained;
  const sae = saeOf(settings, runs[0].state);
  const some = first(Math.min(mostRows, drawn.rows));
  const rates = await measureRates(sae, some, rows, kernel);
  return { step, rates, examples: await measureExamples(sae, some, kernel) };
}

/** On few rows many features fire too seldom for all their examples, so an example is timed, and each feature has all. */
async function measureExamples(sae: Sae, x: Matrix, kernel: Kernel): Promise<number> {
  const codes = await encode(sae, x, kernel);
  const places = Int32Array.from({ length: x.rows }, (_, n) => n);
  const nowhere = new Int32Array(x.rows);
  const tokens = { rows: x.rows, document: nowhere, position: places, token: nowhere, texts: [' token'] };
  const features = [...featureExamples({ codes, stride: 1 }, x.rows, tokens, 0)];
  const chosen = features.reduce((sum, { examples }) => sum + examples.length, 0);
  if (chosen === 0) return 0;
  const seconds = await timed(async () => {
    for (const _ of featureExamples({ codes, stride: 1 }, x.rows, tokens, 0));
    for await (const _ of encodeExamples([{ group: '', sae: '', tokens, features }]));
  });
  return (seconds / chosen) * mostExamples * dSae(sae);
}

/** @param x rows like those of the study, of which there are `rows` */
async function measureRates(sae: Sae, x: Matrix, rows: number, kernel: Kernel): Promise<Rates> {
  const features = Math.min(mostFeatures, sae.decoder.rows);
  const directions = (matrix: Matrix): Matrix => {
    const { unit } = unitRows(matrix);
    const some = Math.min(features, unit.rows);
    return { rows: some, cols: unit.cols, data: unit.data.subarray(0, some * unit.cols) };
  };
  const [a, b] = [directions(sae.decoder), directions(sae.encoder)];
  const codes = await encode(sae, x, kernel);
  // Rows that do not belong together, as permuted ones: then most features meet each other.
  const others = takeCodeRows(
    codes,
    Array.from({ length: codes.rows }, (_, n) => codes.rows - 1 - n),
  );
  const d = sae.decoder.cols;
  const gram = await kernel.gram(a, { centred: false });
  const wider = sae.decoder.rows / features;
  const longer = rows / x.rows;
  // Directions that have nothing in common are the hardest to assign.
  const assign = await timed(() => kernel.assign(a, b));
  const eigen = await timed(() => kernel.symmetricEigen(gram, d));
  return {
    match: wider ** 2 * (await timed(() => kernel.bestMatches(a, b))),
    assign: wider ** 2.2 * assign,
    coFire: await overRows(codes, others, rows, (one, other) => kernel.coFiring(one, other)),
    assignCodes: await overRows(codes, others, rows, (one, other) => kernel.assignCodes(one, other)),
    product: wider * (await timed(() => kernel.multiply(a, { rows: d, cols: d, data: squareOf(gram, d) }))),
    spectrum: eigen + wider * (await timed(() => kernel.gram(a, { centred: false }))),
    encode:
      longer * (await timed(async () => squaredErrors(sae, x, await encode(sae, x, kernel), x, kernel))),
  };
}

/**
 * Seconds on so many rows: a part goes with the rows, a part with the features alone, which few rows and more tell apart. The
 * first call warms up.
 */
async function overRows(
  a: SparseCodes,
  b: SparseCodes,
  rows: number,
  work: (a: SparseCodes, b: SparseCodes) => Promise<unknown>,
): Promise<number> {
  const few = Math.max(1, a.rows >> 2);
  const of = (count: number) => () => work(codeRowRange(a, 0, count), codeRowRange(b, 0, count));
  await timed(of(few));
  const [short, long] = [await timed(of(few)), await timed(of(a.rows))];
  const perRow = Math.max(0, long - short) / Math.max(1, a.rows - few);
  return short + perRow * (rows - few);
}

function squareOf(values: Float64Array, d: number): Float32Array {
  const out = sharedFloat32(d * d);
  out.set(values);
  return out;
}

/** Seconds that it takes to describe the activations of a site. @param rows N @param width d */
async function measureDescription(rows: number, width: number, kernel: Kernel): Promise<number> {
  const x = zeros(Math.min(4 * mostRows, rows), width);
  new Rng(0, 'measured costs').fillNormal(x.data);
  const pass = (part: number) =>
    timed(() =>
      passOverActivations(rowsOf({ ...x, rows: part, data: x.data.subarray(0, part * width) }), [], kernel),
    );
  // Some of it, as near duplicates among a sample and the eigenvalues, is the same however many rows there are.
  const [few, some] = [Math.ceil(x.rows / 4), x.rows];
  const [short, long] = [await pass(few), await pass(some)];
  return short + (Math.max(0, long - short) / Math.max(1, some - few)) * (rows - few);
}

/** Costs of the groups of a study, each measured once. */
export class CostMeasurements {
  readonly #costs = new Map<string, Promise<MeasuredCosts>>();
  readonly #descriptions = new Map<string, Promise<number>>();

  constructor(private readonly kernel: Kernel) {}

  /** However long they train, and whatever they are called, settings of one shape cost the same a step. */
  of(settings: Settings, sizes: MeasuredSizes): Promise<MeasuredCosts> {
    const { variant: _, epochs: __, steps: ___, snapshots: ____, ...shape } = settings;
    const name = hashOf([shape, sizes]);
    const measured = this.#costs.get(name) ?? measureCosts(settings, sizes, this.kernel);
    this.#costs.set(name, measured);
    return measured;
  }

  description(rows: number, width: number): Promise<number> {
    const name = `${rows} ${width}`;
    const seconds = this.#descriptions.get(name) ?? measureDescription(rows, width, this.kernel);
    this.#descriptions.set(name, seconds);
    return seconds;
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

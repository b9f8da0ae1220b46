// A short measured burst on this machine of what a study is made of: steps of training, and the kernel's comparisons.
import type { Kernel } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import { measureFit } from '../sae/fit.js';
import { effectiveRank } from '../stats/effective-rank.js';
import { nearDuplicates } from '../stats/near-duplicates.js';
import { type Matrix, takeRows, unitRows, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
import { hashOf } from './hash-of.js';
import type { Settings } from './settings.js';
import { saeOf, startTraining, trainRuns } from './trainer.js';

/** Seconds that each of these takes; what was measured on less is scaled up to the sizes of the study. */
export interface Burst {
  /** A training step of all the SAEs of a group together. */
  readonly step: number;
  /** Best matches between the decoders of a pair. */
  readonly match: number;
  /** The one-to-one assignment of a pair. */
  readonly assign: number;
  /** Codes of one SAE on all rows. */
  readonly encode: number;
  /** Co-firing of the codes of a pair. */
  readonly coFire: number;
  /** How well one SAE reconstructs. */
  readonly fit: number;
}

/** Sizes that are measured at the most; beyond them cost is taken to grow as it does in theory. */
const mostFeatures = 1024;
const mostRows = 2048;

/** Steps are taken for this long, or twice where one takes longer. */
const trainingSeconds = 0.2;

/** N and d of the activations, random ones stand for them, and how many SAEs are trained together. */
export interface BurstSizes {
  readonly rows: number;
  readonly width: number;
  readonly saes: number;
}

async function measureBurst(
  settings: Settings,
  { rows, width, saes }: BurstSizes,
  kernel: Kernel,
): Promise<Burst> {
  const drawn = zeros(Math.min(rows, Math.max(mostRows, 2 * settings.batchSize)), width);
  new Rng(0, 'burst').fillNormal(drawn.data);
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
  const features = Math.min(mostFeatures, settings.dSae);
  const directions = (matrix: Matrix): Matrix => {
    const { unit } = unitRows(matrix);
    return {
      rows: Math.min(features, unit.rows),
      cols: width,
      data: unit.data.subarray(0, features * width),
    };
  };
  const [a, b] = [directions(sae.decoder), directions(sae.encoder)];
  const some = Math.min(mostRows, drawn.rows);
  const part = first(some);
  const codes = await encode(sae, part, kernel);
  // Rows that do not belong together, as permuted ones: then most features meet each other.
  const others = await encode(
    sae,
    takeRows(
      part,
      Array.from({ length: some }, (_, n) => some - 1 - n),
    ),
    kernel,
  );
  const more = { features: settings.dSae / features, rows: rows / some };
  return {
    step,
    match: more.features ** 2 * (await timed(() => kernel.bestMatches(a, b))),
    assign: more.features ** 2.5 * (await timed(() => kernel.assign(a, b))),
    encode: more.rows * (await timed(() => encode(sae, part, kernel))),
    coFire: more.rows * (await timed(() => kernel.coFiring(codes, others))),
    fit: more.rows * (await timed(async () => measureFit(sae, part, codes))),
  };
}

/** Seconds that it takes to describe the activations of a site. @param rows N @param width d */
async function measureDescription(rows: number, width: number): Promise<number> {
  const some = Math.min(mostRows, rows);
  const x = zeros(some, width);
  new Rng(0, 'burst').fillNormal(x.data);
  // Near duplicates are looked for in a sample, however many rows there are.
  const near = await timed(async () =>
    nearDuplicates(
      x,
      Array.from({ length: some }, (_, n) => n),
    ),
  );
  return near + (rows / some) * (await timed(async () => effectiveRank(x)));
}

/** Bursts of a study, each measured once. */
export class Bursts {
  readonly #bursts = new Map<string, Promise<Burst>>();
  readonly #descriptions = new Map<string, Promise<number>>();

  constructor(private readonly kernel: Kernel) {}

  /** However long they train, and whatever they are called, settings of one shape cost the same a step. */
  of(settings: Settings, sizes: BurstSizes): Promise<Burst> {
    const { variant: _, epochs: __, steps: ___, snapshots: ____, ...shape } = settings;
    const name = hashOf([shape, sizes]);
    const burst = this.#bursts.get(name) ?? measureBurst(settings, sizes, this.kernel);
    this.#bursts.set(name, burst);
    return burst;
  }

  description(rows: number, width: number): Promise<number> {
    const name = `${rows} ${width}`;
    const seconds = this.#descriptions.get(name) ?? measureDescription(rows, width);
    this.#descriptions.set(name, seconds);
    return seconds;
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

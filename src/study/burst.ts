// A short measured burst on this machine of what a study is made of: steps of training, and the kernel's comparisons.
import type { Kernel } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import { type Matrix, unitRows, zeros } from '../tensor/matrix.js';
import { Rng } from '../tensor/rng.js';
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
}

/** Sizes that are measured at the most; beyond them cost is taken to grow as it does in theory. */
const mostFeatures = 1024;
const mostRows = 2048;

/** Steps are taken for this long, or twice where one takes longer. */
const trainingSeconds = 0.2;

/**
 * @param rows N and @param width d of the activations; random ones stand for them
 * @param saes how many SAEs are trained together
 */
export async function measureBurst(
  settings: Settings,
  { rows, width, saes }: { readonly rows: number; readonly width: number; readonly saes: number },
  kernel: Kernel,
): Promise<Burst> {
  const x = zeros(Math.min(rows, Math.max(mostRows, 2 * settings.batchSize)), width);
  new Rng(0, 'burst').fillNormal(x.data);
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
  const some = Math.min(mostRows, x.rows);
  const part = { rows: some, cols: width, data: x.data.subarray(0, some * width) };
  const codes = await encode(sae, part, kernel);
  const more = { features: settings.dSae / features, rows: rows / part.rows };
  return {
    step,
    match: more.features ** 2 * (await timed(() => kernel.bestMatches(a, b))),
    assign: more.features ** 2.5 * (await timed(() => kernel.assign(a, b))),
    encode: more.rows * (await timed(() => encode(sae, part, kernel))),
    coFire: more.rows * (await timed(() => kernel.coFiring(codes, codes))),
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

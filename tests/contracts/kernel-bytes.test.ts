// The bytes of every operation, as recorded: the same on every kernel, code path, CPU and system.
//
// Results that are kept are keyed by the version of the operation, so other bytes need another version. The hashes were
// made by the portable kernel on x86-64.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { arrayList, type DenseArchitecture, denseArrays, startDenseState } from '../../src/kernel/dense.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { kernelVersions } from '../../src/kernel/versions.js';
import { fromDense, Rng, type SparseCodes, sharedFloat32, unitRows } from '../../src/tensor/index.js';
import { plain } from './dense-cases.js';
import { describeEveryKernel } from './every-kernel.js';
import { hyper, randomBatches, randomRows, randomState, taskOf } from './training-cases.js';

type Operation = keyof typeof kernelVersions;

const recorded: Record<Operation, readonly [version: number, hash: string]> = {
  bestMatches: [1, 'dd2bd60d56746e21'],
  coFiring: [1, '598abc6b278e2acb'],
  assign: [2, '0ea092e73fbe150d'],
  assignCodes: [2, '01cf5a0f4c80f94e'],
  topSubspace: [1, 'd1571609c5a82540'],
  gram: [1, 'fb11f12b3716041c'],
  encode: [1, '4f22bc309d62a885'],
  trainTopK: [2, '56625c570ea32b3d'],
  trainDense: [1, '54b70edf887e5246'],
};

/** Widths and counts that fill no whole number of vectors of any path. */
const a = unitRows(randomRows(83, 37, 83, 1)).unit;
const b = unitRows(randomRows(71, 37, 71, 2)).unit;
const x = randomRows(150, 37, 120, 3);

function codes(features: number, seed: number): SparseCodes {
  const rng = new Rng(seed, 'codes');
  const rows = Array.from({ length: 200 }, () =>
    Array.from({ length: features }, () => (rng.uniform() < 0.1 ? Math.fround(rng.uniform()) : 0)),
  );
  return fromDense(rows, features);
}

const denseArchitectures: readonly DenseArchitecture[] = ['relu', 'jumprelu', 'gated'];

function denseWeights(architecture: DenseArchitecture) {
  const rng = new Rng(5, architecture);
  const weights = denseArrays(architecture, 53, 37, sharedFloat32);
  for (const array of arrayList(weights))
    for (let i = 0; i < array.length; i++) array[i] = 0.3 * rng.normal();
  return weights;
}

/** What each operation returns for these inputs. */
const results: Record<Operation, (kernel: Kernel) => unknown> = {
  bestMatches: (kernel) => kernel.bestMatches(a, b),
  coFiring: (kernel) => kernel.coFiring(codes(83, 1), codes(71, 2)),
  assign: (kernel) => Promise.all([kernel.assign(a, b), kernel.assign(a, b, { absolute: true })]),
  assignCodes: (kernel) => kernel.assignCodes(codes(83, 1), codes(71, 2)),
  topSubspace: (kernel) => kernel.topSubspace(a, 8),
  gram: (kernel) => Promise.all([kernel.gram(x, { centred: true }), kernel.gram(x, { centred: false })]),
  encode: (kernel) =>
    Promise.all([
      kernel.encodeTopK(randomState(61, 37, 4).weights, x, { k: 5, relu: true, subtractDecoderBias: true }),
      ...denseArchitectures.map((architecture) =>
        kernel.encodeDense(denseWeights(architecture), x, { architecture, subtractDecoderBias: true }),
      ),
    ]),
  async trainTopK(kernel) {
    const task = taskOf(randomState(61, 37, 4), randomBatches(x.rows, 40, 12, 4));
    return [await kernel.trainTopK(x, [task], { ...hyper, projectGradient: true }), task.state];
  },
  trainDense: (kernel) =>
    Promise.all(
      denseArchitectures.map(async (architecture) => {
        const state = startDenseState(architecture, denseWeights(architecture));
        const steps = Array.from({ length: 8 }, (_, s) => s);
        const task = {
          state,
          batches: randomBatches(x.rows, 40, steps.length, 4),
          learningRates: Float64Array.from(steps, (s) => 1e-2 / (s + 1)),
          sparsities: Float64Array.from(steps, (s) => 0.01 * s),
        };
        const options = {
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          projectGradient: true,
          normaliseDecoder: true,
        };
        return [
          await kernel.trainDense(x, [task], { ...plain, architecture, bandwidth: 0.3, ...options }),
          state,
        ];
      }),
    ),
};

/** Hash of every number in a value, to the bit, with the names that lead to it. */
function hashOf(value: unknown): string {
  const hash = createHash('sha256');
  const visit = (name: string, part: unknown): void => {
    hash.update(`${name}\0`);
    if (ArrayBuffer.isView(part)) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    } else if (typeof part === 'number') {
      hash.update(Float64Array.of(part));
    } else if (typeof part === 'object' && part !== null) {
      for (const key of Object.keys(part).sort()) visit(key, (part as Record<string, unknown>)[key]);
    } else {
      hash.update(String(part));
    }
  };
  visit('', value);
  return hash.digest('hex').slice(0, 16);
}

describeEveryKernel('recorded bytes', (one, two) => {
  test.each(Object.keys(results) as Operation[])('%s', async (operation) => {
    const expected = recorded[operation];
    for (const kernel of [one, two])
      expect([kernelVersions[operation], hashOf(await results[operation](kernel))]).toEqual(expected);
  });
});

// Runs the small transformer over its inputs: the residual stream at chosen sites, and its accuracy.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import { pairCount, type Site, siteId, sitePositions } from './config.js';
import { prepare } from './forward.js';
import type { Transformer } from './weights.js';

/** Raised when the activations of the same weights change. */
export const transformerVersion = 1;

export interface CaptureOptions {
  readonly signal?: AbortSignal;
  /** Called between blocks with the share of the inputs that are done, 0 … 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * The residual stream after a layer at a token position, for all inputs: X [modulus² × dModel] by site name
 * (`layer0.plus`), row n for the pair a = ⌊n / modulus⌋, b = n mod modulus. One pass, however many sites.
 * @throws input.shape when the model has no such layer
 */
export async function captureActivations(
  model: Transformer,
  sites: readonly Site[],
  options: CaptureOptions = {},
): Promise<Map<string, Matrix>> {
  const { modulus, layers, dModel } = model.config;
  const captured = new Map<string, Matrix>();
  for (const site of sites) {
    if (!Number.isInteger(site.layer) || site.layer < 0 || site.layer >= layers) {
      const details = { field: siteId(site), found: `layer ${site.layer}`, expected: `0 … ${layers - 1}` };
      throw new ReseedError('input.shape', 'the transformer has no such layer', details);
    }
    captured.set(siteId(site), zeros(pairCount(model.config), dModel));
  }
  const runner = prepare(model);
  const all = Int32Array.from({ length: modulus }, (_, b) => b);
  for (let a = 0; a < modulus; a++) {
    throwIfCancelled(options.signal);
    runner.run(a, all, (layer, position, x, n) => {
      for (const site of sites) {
        if (site.layer !== layer || sitePositions[site.site] !== position) continue;
        const { data } = captured.get(siteId(site))!;
        for (let b = 0; b < modulus; b++) {
          data.set(n === 1 ? x : x.subarray(b * dModel, (b + 1) * dModel), (a * modulus + b) * dModel);
        }
      }
    });
    options.onProgress?.((a + 1) / modulus);
    await nextTurn();
  }
  return captured;
}

/** Share of these pairs (n = a · modulus + b) whose largest logit at `=` is (a + b) mod modulus. */
export async function accuracy(
  model: Transformer,
  pairs: ArrayLike<number>,
  options: CaptureOptions = {},
): Promise<number> {
  const { modulus } = model.config;
  const runner = prepare(model);
  const byFirst = new Map<number, number[]>();
  for (const n of Array.from(pairs)) {
    const a = Math.floor(n / modulus);
    byFirst.set(a, [...(byFirst.get(a) ?? []), n % modulus]);
  }
  let right = 0;
  let done = 0;
  for (const [a, bs] of byFirst) {
    throwIfCancelled(options.signal);
    const logits = runner.run(a, bs);
    bs.forEach((b, i) => {
      if (largest(logits.subarray(i * modulus, (i + 1) * modulus)) === (a + b) % modulus) right++;
    });
    done += bs.length;
    options.onProgress?.(done / pairs.length);
    await nextTurn();
  }
  return right / pairs.length;
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

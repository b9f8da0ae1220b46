// Trains the small transformer on modular addition: jax-js gives the gradients, AdamW takes the steps.
import type { Array as JaxArray } from '@jax-js/jax';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { Rng } from '../../tensor/rng.js';
import { AdamW, type AdamWHyper } from './adamw.js';
import { accuracy } from './capture.js';
import { positions, type TransformerConfig, tokensOf } from './config.js';
import { initTransformer } from './init.js';
import { type Jax, loadJax } from './jax.js';
import { type JaxWeights, jaxLoss, jaxWeights } from './jax-forward.js';
import { type PairSplit, splitPairs } from './split.js';
import type { Transformer } from './weights.js';

export interface TransformerRecipe extends AdamWHyper {
  readonly batch: number;
  /** Steps over which the learning rate grows linearly to its full value; 0 for none. */
  readonly warmup: number;
  /** Held-out accuracy at which training stops. */
  readonly target: number;
  /** Steps after which it stops all the same. */
  readonly maxSteps: number;
  /** Steps between two looks at the held-out accuracy. */
  readonly checkEvery: number;
}

export const defaultTransformerRecipe: TransformerRecipe = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 1,
  batch: 512,
  warmup: 0,
  target: 1,
  maxSteps: 3000,
  checkEvery: 50,
};

export interface TransformerProgress {
  readonly step: number;
  /** Cross-entropy of the last batch, in nats. */
  readonly loss: number;
  readonly heldOutAccuracy: number;
}

export interface TrainedTransformer {
  readonly model: Transformer;
  readonly split: PairSplit;
  readonly steps: number;
  /** The loss of every batch, before its step. */
  readonly losses: readonly number[];
  readonly heldOutAccuracy: number;
}

export interface TrainTransformerOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransformerProgress) => void;
}

/** Trains from a seed, which draws the weights, the held-out pairs and the order of the rest. */
export async function trainTransformer(
  config: TransformerConfig,
  seed: number,
  recipe: TransformerRecipe = defaultTransformerRecipe,
  { signal, onProgress }: TrainTransformerOptions = {},
): Promise<TrainedTransformer> {
  const jax = await loadJax();
  const model = initTransformer(config, seed);
  const split = splitPairs(config, seed);
  const batches = batchesOf(split.train, recipe.batch, new Rng(seed, 'transformer', 'order'));
  const optimisers = Object.entries(model.weights).map(
    ([name, values]) => [name, values, new AdamW(values.length, recipe)] as const,
  );
  const lossAndGradient = jax.jit(
    jax.valueAndGrad((weights: JaxWeights, tokens: JaxArray, targets: JaxArray) =>
      jaxLoss(jax, config, weights, tokens, targets),
    ),
  );
  const losses: number[] = [];
  let heldOutAccuracy = 0;
  while (losses.length < recipe.maxSteps && heldOutAccuracy < recipe.target) {
    throwIfCancelled(signal);
    const pairs = batches.next().value;
    const [loss, gradients] = lossAndGradient(jaxWeights(jax, model), ...jaxBatch(jax, config, pairs));
    const share = Math.min(1, (losses.length + 1) / Math.max(1, recipe.warmup));
    for (const [name, values, optimiser] of optimisers) {
      optimiser.update(values, (await gradients[name].data()) as Float32Array, share);
    }
    losses.push((await loss.data())[0]);
    if (losses.length % recipe.checkEvery === 0 || losses.length === recipe.maxSteps) {
      heldOutAccuracy = await accuracy(model, split.heldOut, signal ? { signal } : {});
      onProgress?.({ step: losses.length, loss: losses.at(-1)!, heldOutAccuracy });
    }
  }
  lossAndGradient.dispose();
  return { model, split, steps: losses.length, losses, heldOutAccuracy };
}

/** Batches without end: all pairs in a new order each time round; what does not fill a batch is left out. */
function* batchesOf(pairs: Int32Array, batch: number, rng: Rng): Generator<Int32Array, never> {
  if (batch < 1 || batch > pairs.length) {
    const expected = `1 … ${pairs.length}, the number of pairs to train on`;
    throw new ReseedError('usage.argument', 'no such batch', {
      field: 'batch',
      found: String(batch),
      expected,
    });
  }
  for (;;) {
    const order = rng.permutation(pairs.length);
    for (let at = 0; at + batch <= order.length; at += batch) {
      yield order.subarray(at, at + batch).map((i) => pairs[i]);
    }
  }
}

/** Inputs [batch × positions] and one-hot answers [batch × modulus] of these pairs. */
function jaxBatch({ numpy: np }: Jax, config: TransformerConfig, pairs: Int32Array): [JaxArray, JaxArray] {
  const { modulus } = config;
  const targets = new Float32Array(pairs.length * modulus);
  pairs.forEach((n, i) => {
    targets[i * modulus + ((Math.floor(n / modulus) + (n % modulus)) % modulus)] = 1;
  });
  return [
    np.array(tokensOf(config, pairs), { shape: [pairs.length, positions] }),
    np.array(targets, { shape: [pairs.length, modulus] }),
  ];
}

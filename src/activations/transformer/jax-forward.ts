// The small transformer's forward pass as jax-js operations, for automatic differentiation in training.
// The same formula as forward.ts. jax-js counts references: an array is used up by the operation it goes into,
// and `.ref` keeps it for one more use.
import type { Array as JaxArray } from '@jax-js/jax';
import { normEpsilon, positions, sitePositions, type TransformerConfig, vocabularySize } from './config.js';
import type { Jax } from './jax.js';
import { type Transformer, weightSpecs } from './weights.js';

export type JaxWeights = { [name: string]: JaxArray };

export interface JaxForward {
  /** [batch × modulus] at `=` */
  readonly logits: JaxArray;
  /** Per layer the residual stream after it [batch × positions × dModel]. */
  readonly residuals: readonly JaxArray[];
}

/** A model's weights as jax-js arrays, copied. */
export function jaxWeights({ numpy: np }: Jax, { config, weights }: Transformer): JaxWeights {
  const specs = Object.entries(weightSpecs(config));
  return Object.fromEntries(
    specs.map(([name, { shape }]) => [
      name,
      np.array(new Float32Array(weights[name]), { shape: [...shape] }),
    ]),
  );
}

/**
 * Logits and residual stream. Uses up the weights and the tokens.
 * @param tokens int32 [batch × positions]
 */
export function jaxForward(
  jax: Jax,
  config: TransformerConfig,
  weights: JaxWeights,
  tokens: JaxArray,
): JaxForward {
  const residuals: JaxArray[] = [];
  let x = embed(jax, config, weights, tokens);
  for (let l = 0; l < config.layers; l++) {
    x = layer(jax, config, weights, `layer${l}`, x, false);
    residuals.push(x.ref);
  }
  return { logits: unembed(jax, weights, x.slice([], sitePositions.equals)), residuals };
}

/**
 * Mean cross-entropy at `=`, in nats. Uses up its arguments. The last layer is computed at `=` alone: the
 * loss reads nothing else.
 * @param targets one-hot float32 [batch × modulus]
 */
export function jaxLoss(
  jax: Jax,
  config: TransformerConfig,
  weights: JaxWeights,
  tokens: JaxArray,
  targets: JaxArray,
): JaxArray {
  let x = embed(jax, config, weights, tokens);
  for (let l = 0; l < config.layers; l++) {
    x = layer(jax, config, weights, `layer${l}`, x, l === config.layers - 1);
  }
  const logits = unembed(jax, weights, x.slice([], 0));
  const batch = logits.shape[0];
  return jax.nn
    .logSoftmax(logits, -1)
    .mul(targets)
    .sum()
    .mul(-1 / batch);
}

function embed(jax: Jax, config: TransformerConfig, weights: JaxWeights, tokens: JaxArray): JaxArray {
  // A product with one-hot rows: its gradient is a matrix product too, which jax-js does fast.
  const oneHot = jax.nn.oneHot(tokens, vocabularySize(config));
  return jax.numpy.matmul(oneHot, weights['embedding.token']).add(weights['embedding.position']);
}

/** x [batch × positions × dModel] → the same, or [batch × 1 × dModel] with `lastOnly`. */
function layer(
  jax: Jax,
  { heads, dModel }: TransformerConfig,
  weights: JaxWeights,
  name: string,
  x: JaxArray,
  lastOnly: boolean,
): JaxArray {
  const { numpy: np } = jax;
  const batch = x.shape[0];
  const weight = (part: string) => weights[`${name}.${part}`];
  const byHead = (y: JaxArray) => y.reshape([batch, -1, heads, dModel / heads]).transpose([0, 2, 1, 3]);
  const last = (y: JaxArray) => (lastOnly ? y.slice([], [positions - 1]) : y);
  const normed = layerNorm(jax, x.ref, weight('attention.norm.scale'), weight('attention.norm.bias'));
  const keys = byHead(np.matmul(normed.ref, weight('attention.key')));
  const values = byHead(np.matmul(normed.ref, weight('attention.value')));
  const queries = byHead(np.matmul(last(normed), weight('attention.query')));
  const mixed = attend(jax, queries, keys, values).transpose([0, 2, 1, 3]);
  const attended = np.matmul(mixed.reshape([batch, -1, dModel]), weight('attention.output'));
  const middle = last(x).add(attended);
  const hidden = layerNorm(jax, middle.ref, weight('mlp.norm.scale'), weight('mlp.norm.bias'));
  const active = jax.nn.relu(np.matmul(hidden, weight('mlp.in')).add(weight('mlp.in.bias')));
  return middle.add(np.matmul(active, weight('mlp.out')).add(weight('mlp.out.bias')));
}

/**
 * softmax(q kᵀ / √width + causal mask) v, all [batch × heads × positions × width]; queries may be the last
 * positions only. Written out, because what jax-js has for it needs a newer Node.
 */
function attend({ numpy: np, nn }: Jax, queries: JaxArray, keys: JaxArray, values: JaxArray): JaxArray {
  const [, , asking, width] = queries.shape;
  const asked = keys.shape[2];
  const scores = np.matmul(queries, keys.transpose([0, 1, 3, 2])).mul(1 / Math.sqrt(width));
  const hidden = Float32Array.from({ length: asking * asked }, (_, i) => {
    const position = Math.floor(i / asked) + asked - asking;
    return i % asked > position ? -1e9 : 0;
  });
  const mask = np.array(hidden, { shape: [asking, asked] });
  return np.matmul(nn.softmax(scores.add(mask), -1), values);
}

function layerNorm({ numpy: np }: Jax, x: JaxArray, scale: JaxArray, bias: JaxArray): JaxArray {
  const centred = x.ref.sub(x.mean(-1, { keepdims: true }));
  const variance = np.square(centred.ref).mean(-1, { keepdims: true });
  return centred
    .div(np.sqrt(variance.add(normEpsilon)))
    .mul(scale)
    .add(bias);
}

/** x [batch × dModel] → logits [batch × modulus]. */
function unembed(jax: Jax, weights: JaxWeights, x: JaxArray): JaxArray {
  const normed = layerNorm(jax, x, weights['final.norm.scale'], weights['final.norm.bias']);
  return jax.numpy.matmul(normed, weights['unembedding']);
}

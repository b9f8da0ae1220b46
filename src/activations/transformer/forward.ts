// The small transformer's forward pass in plain TypeScript: logits at `=`, and the residual stream at any site.
// x ← embedding + position; per layer x ← x + attention(norm x), x ← x + relu(norm x · W₁ + b₁) · W₂ + b₂.
//
// The inputs of one block share their first number. Attention is causal, so BOS, a and + are the same for the
// whole block and are computed once; b and = have a row per input. Everything is float64 inside.
import { positions, sitePositions, type TransformerConfig, tokenAt } from './config.js';
import { applyLinear, type Linear, layerNorm, linear } from './linear.js';
import type { Transformer, TransformerWeights } from './weights.js';

/** Receives the residual stream X [n × dModel] after `layer` at `position`; n is 1 where the block shares it. */
export type Observer = (layer: number, position: number, x: Float64Array, n: number) => void;

interface Layer {
  readonly attentionNorm: readonly [Float32Array, Float32Array];
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly mlpNorm: readonly [Float32Array, Float32Array];
  readonly mlpIn: Linear;
  readonly mlpOut: Linear;
}

/** Keys and values of one position [n × dModel]. */
interface Past {
  readonly n: number;
  readonly keys: Float64Array;
  readonly values: Float64Array;
}

/** A model made ready to run: its matrices packed once. */
export interface Runner {
  readonly config: TransformerConfig;
  /** Logits at `=` [bs.length × modulus] of the inputs (a, b) for every b in `bs`. */
  run(a: number, bs: ArrayLike<number>, observe?: Observer): Float64Array;
}

/** Packs the matrices of a model. */
export function prepare({ config, weights }: Transformer): Runner {
  const { dModel, modulus } = config;
  const layers = Array.from({ length: config.layers }, (_, l) => packLayer(config, weights, `layer${l}`));
  const unembedding = linear(weights['unembedding'], dModel, modulus);
  return {
    config,
    run(a, bs, observe) {
      const past: Past[][] = layers.map(() => []);
      let x = new Float64Array(0);
      for (let position = 0; position < positions; position++) {
        const n = position < sitePositions.b ? 1 : bs.length;
        x = embed(config, weights, position, a, bs, n);
        layers.forEach((layer, l) => {
          x = runLayer(layer, config.heads, x, n, past[l]);
          observe?.(l, position, x, n);
        });
      }
      const final = layerNorm(x, bs.length, weights['final.norm.scale'], weights['final.norm.bias']);
      return applyLinear(unembedding, final, bs.length);
    },
  };
}

function packLayer({ dModel, dMlp }: TransformerConfig, weights: TransformerWeights, name: string): Layer {
  const square = (part: string) => linear(weights[`${name}.attention.${part}`], dModel, dModel);
  const norm = (part: string) =>
    [weights[`${name}.${part}.norm.scale`], weights[`${name}.${part}.norm.bias`]] as const;
  return {
    attentionNorm: norm('attention'),
    query: square('query'),
    key: square('key'),
    value: square('value'),
    output: square('output'),
    mlpNorm: norm('mlp'),
    mlpIn: linear(weights[`${name}.mlp.in`], dModel, dMlp, weights[`${name}.mlp.in.bias`]),
    mlpOut: linear(weights[`${name}.mlp.out`], dMlp, dModel, weights[`${name}.mlp.out.bias`]),
  };
}

/** Token plus position embedding of one position [n × dModel]. */
function embed(
  config: TransformerConfig,
  weights: TransformerWeights,
  position: number,
  a: number,
  bs: ArrayLike<number>,
  n: number,
): Float64Array<ArrayBuffer> {
  const { dModel } = config;
  const token = weights['embedding.token'];
  const place = weights['embedding.position'];
  const x = new Float64Array(n * dModel);
  for (let i = 0; i < n; i++) {
    const from = tokenAt(config, position, a, bs[i]) * dModel;
    for (let j = 0; j < dModel; j++) x[i * dModel + j] = token[from + j] + place[position * dModel + j];
  }
  return x;
}

/** One layer at one position; appends that position's keys and values to `past`. */
function runLayer(
  layer: Layer,
  heads: number,
  x: Float64Array,
  n: number,
  past: Past[],
): Float64Array<ArrayBuffer> {
  const normed = layerNorm(x, n, ...layer.attentionNorm);
  past.push({ n, keys: applyLinear(layer.key, normed, n), values: applyLinear(layer.value, normed, n) });
  const mixed = attend(applyLinear(layer.query, normed, n), n, heads, past);
  const middle = sum(x, applyLinear(layer.output, mixed, n));
  const hidden = applyLinear(layer.mlpIn, layerNorm(middle, n, ...layer.mlpNorm), n);
  for (let i = 0; i < hidden.length; i++) hidden[i] = Math.max(0, hidden[i]);
  return sum(middle, applyLinear(layer.mlpOut, hidden, n));
}

/** softmax(q·k / √(width of a head)) · v over all positions so far, head by head [n × dModel]. */
function attend(queries: Float64Array, n: number, heads: number, past: readonly Past[]): Float64Array {
  const d = queries.length / n;
  const width = d / heads;
  const scale = 1 / Math.sqrt(width);
  const out = new Float64Array(n * d);
  const weight = new Float64Array(past.length);
  for (let i = 0; i < n; i++) {
    for (let from = 0; from < d; from += width) {
      past.forEach(({ keys, n: shared }, t) => {
        const at = shared === 1 ? 0 : i * d;
        let score = 0;
        for (let j = from; j < from + width; j++) score += queries[i * d + j] * keys[at + j];
        weight[t] = score * scale;
      });
      softmax(weight);
      past.forEach(({ values, n: shared }, t) => {
        const at = shared === 1 ? 0 : i * d;
        for (let j = from; j < from + width; j++) out[i * d + j] += weight[t] * values[at + j];
      });
    }
  }
  return out;
}

function softmax(scores: Float64Array): void {
  const top = Math.max(...scores);
  let total = 0;
  for (let t = 0; t < scores.length; t++) {
    scores[t] = Math.exp(scores[t] - top);
    total += scores[t];
  }
  for (let t = 0; t < scores.length; t++) scores[t] /= total;
}

function sum(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] + b[i];
  return out;
}

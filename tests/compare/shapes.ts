// SAEs and activations of every shape and degeneracy that a file can hold, and what a comparison of them must keep to.
import fc from 'fast-check';
import { compare } from '../../src/compare/compare.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import type { Results } from '../../src/results/results.js';
import type { Sae } from '../../src/sae/sae.js';
import { type Matrix, Rng, row, sharedFloat32, zeros } from '../../src/tensor/index.js';

/** How the rows of a decoder or an encoder lie. */
export const rowKinds = [
  'random',
  'common', // the same rows in every SAE
  'repeated', // a few directions, over and over
  'line', // all on one line: rank 1
  'graded', // norms from 1 to 1e-20
  'holed', // every third row is zero
  'zero',
  'equal', // all the same row
  'axes', // unit vectors: most entries are zero
] as const;

/** How the rows of activations lie. */
export const activationKinds = ['random', 'repeated', 'constant', 'zero', 'outlier', 'line'] as const;

interface SaeShape {
  readonly features: number;
  readonly decoder: (typeof rowKinds)[number];
  /** `decoder`: its own decoder's rows. */
  readonly encoder: (typeof rowKinds)[number] | 'decoder';
  readonly k: number;
  readonly kind: 'topk' | 'relu';
}

export interface Shape {
  readonly seed: number;
  readonly d: number;
  readonly saes: readonly SaeShape[];
  readonly activations: { readonly rows: number; readonly kind: (typeof activationKinds)[number] } | null;
}

/** 1 … most, small ones as often as large ones. */
const sizes = (most: number) => fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: most }));

function saeShapes(features: fc.Arbitrary<number>): fc.Arbitrary<SaeShape> {
  return fc.record({
    features,
    decoder: fc.constantFrom(...rowKinds),
    encoder: fc.constantFrom('decoder', ...rowKinds),
    k: sizes(20),
    kind: fc.constantFrom('topk', 'relu'),
  });
}

/** Two or three SAEs, of one number of features or of several: below d, d, or up to `most`. */
export function shapes(most: { readonly d: number; readonly features: number }): fc.Arbitrary<Shape> {
  return sizes(most.d).chain((d) => {
    const features = fc.oneof(
      fc.integer({ min: 1, max: d }),
      fc.constant(d),
      fc.integer({ min: 1, max: most.features }),
    );
    const group = (each: fc.Arbitrary<number>) => fc.array(saeShapes(each), { minLength: 2, maxLength: 3 });
    return fc.record({
      seed: fc.nat(2 ** 20),
      d: fc.constant(d),
      saes: fc.oneof(
        features.chain((same) => group(fc.constant(same))),
        group(features),
      ),
      activations: fc.option(fc.record({ rows: sizes(60), kind: fc.constantFrom(...activationKinds) }), {
        freq: 2,
      }),
    });
  });
}

export function saesOf({ seed, d, saes }: Shape): Sae[] {
  return saes.map(({ features, decoder, encoder, k, kind }, i) => {
    const written = rowsOf(decoder, features, d, seed, i);
    return {
      architecture: kind,
      activation: kind === 'topk' ? { kind, k: Math.min(k, features), relu: true } : { kind },
      subtractDecoderBias: true,
      encoder:
        encoder === 'decoder'
          ? { ...written, data: written.data.slice() }
          : rowsOf(encoder, features, d, seed, i + 100),
      encoderBias: sharedFloat32(features),
      decoder: written,
      decoderBias: sharedFloat32(d),
    };
  });
}

function rowsOf(kind: SaeShape['decoder'], features: number, d: number, seed: number, which: number): Matrix {
  const m = zeros(features, d);
  if (kind === 'zero') return m;
  new Rng(seed, 'rows', ...(kind === 'common' ? [] : [which])).fillNormal(m.data);
  const different = kind === 'equal' ? 1 : 3;
  for (let i = 0; i < features; i++) {
    const own = row(m, i);
    if (kind === 'repeated' || kind === 'equal') own.set(row(m, i % different));
    else if (kind === 'line') own.set(row(m, 0).map((v) => v * (1 + (i % 4)) * (i % 2 ? -1 : 1)));
    else if (kind === 'graded') own.set(own.map((v) => v * 10 ** ((-20 * i) / Math.max(1, features - 1))));
    else if (kind === 'holed' && i % 3 === 1) own.fill(0);
    else if (kind === 'axes') own.fill(0).fill(1, i % d, (i % d) + 1);
  }
  return m;
}

export function activationsOf({ seed, d, activations }: Shape): Matrix | undefined {
  if (!activations) return undefined;
  const { rows, kind } = activations;
  const x = zeros(rows, d);
  if (kind === 'zero') return x;
  new Rng(seed, 'activations').fillNormal(x.data);
  const different = { repeated: Math.ceil(rows / 5), constant: 1 }[kind as string] ?? rows;
  for (let n = 0; n < rows; n++) {
    const own = row(x, n);
    own.set(row(x, n % different));
    if (kind === 'line') own.set(row(x, 0).map((v) => v * (n + 1)));
    if (kind === 'outlier' && n === 0) own.set(own.map((v) => v * 1e6));
  }
  return x;
}

const signed = ['decoder.matched', 'decoder.matched.abs', 'encoder.matched'];
const slack = 1e-9;

/**
 * Compares SAEs of that shape. All of them are sound, so this must end in results.
 * @returns them, and what is wrong with them: numbers that are not finite, scores out of their range
 */
export async function compareShape(
  shape: Shape,
  kernel: Kernel,
): Promise<{ results: Results; faults: string[] }> {
  const activations = activationsOf(shape);
  const { results, features } = await compare(
    saesOf(shape).map((sae, i) => ({ id: `sae${i}`, sae })),
    { kernel, draws: 2, createdAt: '2025-01-02T03:04:05.000Z', ...(activations ? { activations } : {}) },
  );
  const faults: string[] = [];
  // Refuses what is not finite, and what is null or unknown to the schema.
  serializeResults(results);
  for (const [id, metric] of Object.entries(results.groups[0].metrics)) {
    const low = signed.includes(id) ? -1 : 0;
    const scores = metric.pairs.flatMap(({ value, aToB, bToA }) => [value, aToB, bToA]);
    for (const score of [...scores, metric.mean, metric.min, metric.max, metric.null?.mean ?? 0]) {
      if (!within(score, low, 1)) faults.push(`${id}: ${score}`);
    }
    // From (score − null)/(1 − null).
    if (!within(metric.corrected ?? 0, Number.NEGATIVE_INFINITY, 1)) {
      faults.push(`${id}, corrected: ${metric.corrected}`);
    }
  }
  for (const { stability } of features?.summaries ?? []) {
    for (const share of stability) if (!within(share, 0, 1)) faults.push(`stability: ${share}`);
  }
  return { results, faults };
}

function within(value: number, low: number, high: number): boolean {
  return value >= low - slack && value <= high + slack && Number.isFinite(value);
}

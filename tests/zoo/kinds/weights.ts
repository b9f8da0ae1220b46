// Kinds whose weights are the trouble: no numbers, no length, no direction of their own.

import { encode } from '../../../src/sae/encode.js';
import type { Sae } from '../../../src/sae/sae.js';
import { type Matrix, type Rng, row, takeRows } from '../../../src/tensor/index.js';
import { mapped, rescaled, scaledRows, withLongRow } from '../alter.js';
import { base, members, square, type TrainedGroup } from '../bases.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add } from '../data.js';
import type { Trained } from '../train.js';

/** A trained group of which every SAE, or only the first, is changed; codes are made anew from what it became. */
function spoilt(
  name: string,
  truth: Truth,
  change: (sae: Sae, workshop: Workshop, i: number) => Sae,
  only?: 'first',
): Kind {
  return {
    name,
    truth,
    async make(workshop) {
      const { x, runs }: TrainedGroup = await base(workshop, square);
      const changed = await Promise.all(
        runs.map(async (run, i): Promise<Trained> => {
          if (only === 'first' && i > 0) return run;
          const sae = change(run.sae, workshop, i);
          return { ...run, sae, codes: await encode(sae, x, workshop.kernel) };
        }),
      );
      return { x, members: members(changed) };
    },
  };
}

/** With duplicates of so many features, which fire with them: both write half, and twice as many may be active. */
export function withDuplicates(sae: Sae, count: number, rng: Rng): Sae {
  const { encoder, decoder, encoderBias } = sae;
  const chosen = rng.permutation(decoder.rows).slice(0, count);
  const also = (m: Matrix) => takeRows(m, [...Int32Array.from({ length: m.rows }, (_, i) => i), ...chosen]);
  const copies = also(decoder);
  for (const [c, from] of chosen.entries()) {
    for (const i of [from, decoder.rows + c]) {
      const to = row(copies, i);
      for (let j = 0; j < to.length; j++) to[j] *= 0.5 * (1 + 0.01 * rng.normal());
    }
  }
  return {
    ...sae,
    encoder: also(encoder),
    encoderBias: Float32Array.from([...encoderBias, ...Array.from(chosen, (i) => encoderBias[i])]),
    decoder: copies,
    activation: { kind: 'topk', k: 2 * square.k, relu: false },
  };
}

export const weightKinds: readonly Kind[] = [
  {
    // One NaN makes every score of that SAE meaningless; the other two still agree.
    name: 'nan-in-one-file',
    truth: { cause: ['numerics.non-finite'], verdict: ['reproducible', 'partly'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const decoder = mapped(runs[0].sae.decoder, (value) => value);
      decoder.data[workshop.rng('nan').below(decoder.data.length)] = Number.NaN;
      const [{ codes: _, ...first }, ...others] = members(runs);
      return { x, members: [{ ...first, sae: { ...first.sae, decoder } }, ...others] };
    },
  },
  // Two features of 64 write nothing: they have no direction and are missing from every mean.
  spoilt('zero-rows', { cause: ['numerics.zero-features'] }, (sae, workshop, i) => {
    const [a, b] = workshop.rng('zero', i).permutation(square.features);
    return {
      ...sae,
      decoder: scaledRows(
        sae.decoder,
        Array.from({ length: square.features }, (_, f) => (f === a || f === b ? 0 : 1)),
      ),
    };
  }),
  {
    // Four features in ten have a copy, up to a little noise, and each of the two writes half: the dictionary is not as wide as it
    // says, and still finds what there is.
    name: 'duplicated-features',
    truth: { cause: ['features.duplicated'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return {
        x,
        members: runs.map(({ sae }, i) => ({
          id: `s${i}`,
          sae: withDuplicates(sae, 26, workshop.rng('duplicates', i)),
        })),
      };
    },
  },
  // All features read nearly the same direction, so what they write no longer answers to what they read.
  // The few that win each row leave the others dead.
  spoilt(
    'collapsed-encoder',
    { cause: ['weights.degenerate', 'usage.dead-by-firing'], also: ['weights.degenerate'] },
    (sae, workshop, i) => {
      const rng = workshop.rng('collapsed', i);
      const common = row(sae.encoder, 0);
      const encoder = mapped(sae.encoder, () => 0);
      for (let f = 0; f < encoder.rows; f++) {
        const to = row(encoder, f);
        add(to, common, 1);
        for (let j = 0; j < to.length; j++) to[j] += 0.01 * rng.normal();
      }
      return { ...sae, encoder };
    },
  ),
  // All features write nearly the same direction.
  spoilt('collapsed-decoder', { cause: ['weights.degenerate'] }, (sae, workshop, i) => {
    const rng = workshop.rng('collapsed decoder', i);
    const common = row(sae.decoder, 0);
    const decoder = mapped(sae.decoder, () => 0);
    for (let f = 0; f < decoder.rows; f++) {
      const to = row(decoder, f);
      add(to, common, 1);
      for (let j = 0; j < to.length; j++) to[j] += 0.005 * rng.normal();
    }
    return { ...sae, decoder };
  }),
  {
    // One row is 300 times as long as the others and its codes as much smaller. No cosine sees it, so the features come
    // back; but whatever weighs or prunes by length sees nothing else.
    name: 'one-giant-feature',
    truth: { cause: ['weights.degenerate'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      return {
        x,
        members: members(
          runs.map((run) => withLongRow(run, 300)),
          { start: false },
        ),
      };
    },
  },
  {
    // Rows of a thousandth of the length, codes a thousand times as large: all features live, all "dead by norm".
    name: 'tiny-rows',
    truth: { cause: ['usage.norm-is-not-usage'], verdict: ['reproducible'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const tiny = new Float64Array(square.features).fill(1e-3);
      return {
        x,
        members: members(
          runs.map((run) => rescaled(run, tiny)),
          { start: false },
        ),
      };
    },
  },
];

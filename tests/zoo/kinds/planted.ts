// Planted kinds: decoders written down, not trained, of which a known part is shared.
import type { Member } from '../../../src/sae/member.js';
import { type Matrix, type Rng, row, sharedFloat32, zeros } from '../../../src/tensor/index.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add, atoms } from '../data.js';
import { asSae } from '../train.js';

const [d, features, saes] = [48, 96, 3];

export const plantedKinds: readonly Kind[] = [
  // A tenth is sure to be beyond chance; it isn't much, and it isn't nothing.
  planted('planted-10', 0.1, { healthy: true, verdict: ['partly'] }),
  // Half of the features come back: the score lies at the border of the two.
  planted('planted-50', 0.5, { healthy: true, verdict: ['partly', 'reproducible'] }),
  planted('planted-90', 0.9, { healthy: true, verdict: ['reproducible'] }),
  {
    // Random directions are unrelated, and a score that says so is in order.
    name: 'healthy-unrelated',
    truth: { healthy: true, verdict: ['not-beyond-chance'] },
    make: (workshop) => decodersOnly(workshop, 'unrelated', (rng) => atoms(features, d, rng)),
  },
  {
    // Eight directions are common, features inside them are not: only d is the wrong space to draw chance from.
    name: 'shared-subspace-weights',
    truth: {
      cause: ['metric.wrong-null', 'identifiability.width'],
      verdict: ['not-beyond-chance', 'cannot-tell'],
    },
    make: (workshop) => {
      const basis = atoms(8, d, workshop.rng('subspace'));
      return decodersOnly(workshop, 'subspace', (rng) => inSpan(basis, features, rng));
    },
  },
];

/** This share of the features of every SAE are the same atoms up to a cosine of 0.95, each time in another order. */
function planted(name: string, share: number, truth: Truth): Kind {
  return {
    name,
    truth,
    make: (workshop) => {
      const common = atoms(Math.round(share * features), d, workshop.rng(name));
      return decodersOnly(workshop, name, (rng) => {
        const rows = atoms(features, d, rng);
        const order = rng.permutation(features);
        for (let i = 0; i < common.rows; i++) {
          const noisy = row(rows, order[i]).map((value) => 0.33 * value);
          add(noisy, row(common, i), 1);
          row(rows, order[i]).set(noisy);
        }
        return rows;
      });
    },
  };
}

async function decodersOnly(workshop: Workshop, name: string, draw: (rng: Rng) => Matrix) {
  return { members: Array.from({ length: saes }, (_, s) => member(`s${s}`, draw(workshop.rng(name, s)))) };
}

/** An SAE that reads what it writes. */
function member(id: string, decoder: Matrix): Member {
  const [encoderBias, decoderBias] = [sharedFloat32(decoder.rows), sharedFloat32(decoder.cols)];
  return { id, sae: asSae({ encoder: decoder, decoder, encoderBias, decoderBias }, 4) };
}

/** Random directions [count×d] in the span of these rows. */
function inSpan(basis: Matrix, count: number, rng: Rng): Matrix {
  const out = zeros(count, basis.cols);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < basis.rows; b++) add(row(out, i), row(basis, b), rng.normal());
  }
  return out;
}

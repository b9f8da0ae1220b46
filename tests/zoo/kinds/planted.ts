// Planted kinds: decoders written down, not trained, of which a known part is shared.
import type { Member } from '../../../src/sae/member.js';
import { type Matrix, type Rng, row, sharedFloat32, zeros } from '../../../src/tensor/index.js';
import type { Kind, Truth, Workshop } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import { asSae } from '../train.js';
import { withMassiveRows } from './data.js';

const [d, features, saes] = [48, 96, 3];

/** As wide as the residual stream of the small models that many published SAEs are of. */
const published = { d: 512, features: 1536, rows: 3500, active: 32 };

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
  // Half of the features, and codes on rows that are made of them.
  {
    name: 'healthy-published-shape',
    truth: { healthy: true, verdict: ['partly', 'reproducible'] },
    make: (workshop) => ofPublishedShape(workshop),
  },
  {
    name: 'published-shape-massive-rows',
    truth: { cause: ['data.massive-rows'], verdict: ['partly', 'reproducible'] },
    async make(workshop) {
      const { x, members } = await ofPublishedShape(workshop);
      return { x: withMassiveRows(x, 4, 300, workshop.rng('massive')), members };
    },
  },
];

/** SAEs of which half of the features are shared, and rows that are sums of shared ones and of others. */
function ofPublishedShape(workshop: Workshop) {
  return workshop.once('published shape', async () => {
    const { rows, active } = published;
    const rng = workshop.rng('published');
    const common = atoms(published.features / 2, published.d, rng);
    const x = sparseSums(common, { rows, active, noise: 0.01 }, rng);
    const members = Array.from({ length: saes }, (_, s) => {
      const own = workshop.rng('published', s);
      return member(`s${s}`, withCommon(common, published.features, own), active);
    });
    return { x, members };
  });
}

/** This share of the features of every SAE are the same atoms up to a cosine of 0.95, each time in another order. */
function planted(name: string, share: number, truth: Truth): Kind {
  return {
    name,
    truth,
    make: (workshop) => {
      const common = atoms(Math.round(share * features), d, workshop.rng(name));
      return decodersOnly(workshop, name, (rng) => withCommon(common, features, rng));
    },
  };
}

/** Directions of which some are these, up to a cosine of 0.95, in any order; the others are at random. */
function withCommon(common: Matrix, count: number, rng: Rng): Matrix {
  const rows = atoms(count, common.cols, rng);
  const order = rng.permutation(count);
  for (let i = 0; i < common.rows; i++) {
    const noisy = row(rows, order[i]).map((value) => 0.33 * value);
    add(noisy, row(common, i), 1);
    row(rows, order[i]).set(noisy);
  }
  return rows;
}

async function decodersOnly(workshop: Workshop, name: string, draw: (rng: Rng) => Matrix) {
  return { members: Array.from({ length: saes }, (_, s) => member(`s${s}`, draw(workshop.rng(name, s)))) };
}

/** An SAE that reads what it writes. */
function member(id: string, decoder: Matrix, k = 4): Member {
  const [encoderBias, decoderBias] = [sharedFloat32(decoder.rows), sharedFloat32(decoder.cols)];
  return { id, sae: asSae({ encoder: decoder, decoder, encoderBias, decoderBias }, k) };
}

/** Random directions [count×d] in the span of these rows. */
function inSpan(basis: Matrix, count: number, rng: Rng): Matrix {
  const out = zeros(count, basis.cols);
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < basis.rows; b++) add(row(out, i), row(basis, b), rng.normal());
  }
  return out;
}

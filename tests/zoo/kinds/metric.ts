// Kinds whose comparison is the trouble: the wrong chance level, the wrong basis, the wrong layer.
import { encode } from '../../../src/sae/encode.js';
import {
  type Matrix,
  type Rng,
  row,
  sharedFloat32,
  takeRows,
  unitRows,
  zeros,
} from '../../../src/tensor/index.js';
import { base, members, ownSeeds, square, trainedOn } from '../bases.js';
import type { Kind } from '../case.js';
import { add, atoms, sparseSums } from '../data.js';
import { asSae } from '../train.js';

export const metricKinds: readonly Kind[] = [
  {
    // A fifth of the atoms is known to all: 0.3 by codes, far above permuted rows (0.1) and below random
    // directions in 16 dimensions (0.6). Held against those, what comes back would look worse than chance.
    name: 'wrong-null',
    truth: { cause: ['metric.wrong-null'] },
    async make(workshop) {
      const [d, features, shared, k] = [16, 80, 16, 3];
      const rng = workshop.rng('wrong null');
      const common = atoms(shared, d, rng);
      const own = [0, 1, 2].map(() => atoms(features - shared, d, rng));
      const x = sparseSums(stacked([common, ...own]), { rows: 1500, active: k, noise: 0.02 }, rng);
      const saes = own.map((rest) => {
        const rows = stacked([common, rest]);
        return readsWhatItWrites(takeRows(rows, rng.permutation(rows.rows)), k);
      });
      return { x, members: await asMembers(saes, x, workshop.kernel) };
    },
  },
  {
    // As many active as there are features, and a large mean: every code is a constant and a little else, and any two
    // agree, rows permuted or not. A linear map has no features to find.
    name: 'fires-on-everything',
    truth: {
      cause: ['usage.always-on', 'metric.wrong-null'],
      verdict: ['not-beyond-chance', 'cannot-tell'],
      also: ['usage.always-on'],
    },
    async make(workshop) {
      const rng = workshop.rng('everything');
      const x = sparseSums(atoms(64, 32, rng), { rows: 800, active: 4, noise: 0.02 }, rng);
      const mean = atoms(1, 32, rng).data;
      for (let n = 0; n < x.rows; n++) add(row(x, n), mean, 10);
      const shape = { features: 24, k: 24, epochs: 100, learningRate: 2e-2 };
      return { x, members: members(await trainedOn(workshop, 'everything', x, shape)) };
    },
  },
  {
    // Families of three near atoms each: a narrow SAE has room for the families, a wide one for the atoms.
    name: 'feature-splitting',
    truth: { cause: ['features.split'] },
    async make(workshop) {
      const rng = workshop.rng('families');
      const x = sparseSums(families(24, 3, 32, rng), { rows: 2000, active: 3, noise: 0.02 }, rng);
      const train = (features: number, saes: number) =>
        trainedOn(
          workshop,
          `families ${features}`,
          x,
          { ...square, features, k: 3 },
          ownSeeds(workshop.seed, saes),
        );
      const [narrow, wide] = [await train(24, 2), await train(48, 2)];
      return { x, members: members([...narrow, ...wide]) };
    },
  },
  {
    // Decoders kept in another basis each (a whitening that was not undone): codes agree, directions can't.
    // That they no longer rebuild the activations is as true.
    name: 'rotated-basis',
    truth: { cause: ['metric.disagreement', 'data.misfit'], also: ['metric.disagreement'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const rng = workshop.rng('bases');
      const turned = runs.map((run) => {
        const basis = orthonormal(square.d, rng);
        return { ...run, sae: { ...run.sae, decoder: times(run.sae.decoder, basis) } };
      });
      return { x, members: members(turned, { start: false }) };
    },
  },
  {
    // The third SAE belongs to another layer: it doesn't rebuild these activations, and agrees with nobody.
    name: 'layers-swapped',
    truth: { cause: ['data.misfit'] },
    async make(workshop) {
      const { x, runs } = await base(workshop, square);
      const other = await base(workshop, { ...square, rows: 1001 });
      const stranger = other.runs[2];
      const codes = await encode(stranger.sae, x, workshop.kernel);
      return { x, members: members([runs[0], runs[1], { ...stranger, codes }]) };
    },
  },
  {
    // All three belong to another layer than the activations.
    name: 'layers-swapped-all',
    truth: { cause: ['data.misfit'], verdict: ['cannot-tell'] },
    async make(workshop) {
      const { x } = await base(workshop, square);
      const { runs } = await base(workshop, { ...square, rows: 1001 });
      const read = await Promise.all(
        runs.map(async (run) => ({ ...run, codes: await encode(run.sae, x, workshop.kernel) })),
      );
      return { x, members: members(read) };
    },
  },
];

/** Unit rows in families: each is mostly what its family has in common, to a cosine of about 0.82 with that. */
function families(count: number, each: number, d: number, rng: Rng): Matrix {
  const [common, own] = [atoms(count, d, rng), atoms(count * each, d, rng)];
  for (let i = 0; i < own.rows; i++) {
    const to = row(own, i);
    for (let j = 0; j < d; j++) to[j] *= 0.7;
    add(to, row(common, Math.floor(i / each)), 1);
  }
  return unitRows(own).unit;
}

function readsWhatItWrites(decoder: Matrix, k: number) {
  const [encoderBias, decoderBias] = [sharedFloat32(decoder.rows), sharedFloat32(decoder.cols)];
  return asSae({ encoder: decoder, decoder, encoderBias, decoderBias }, k);
}

async function asMembers(
  saes: readonly ReturnType<typeof asSae>[],
  x: Matrix,
  kernel: Parameters<typeof encode>[2],
) {
  return Promise.all(saes.map(async (sae, i) => ({ id: `s${i}`, sae, codes: await encode(sae, x, kernel) })));
}

function stacked(parts: readonly Matrix[]): Matrix {
  const out = zeros(
    parts.reduce((sum, m) => sum + m.rows, 0),
    parts[0].cols,
  );
  let at = 0;
  for (const part of parts) {
    out.data.set(part.data, at);
    at += part.data.length;
  }
  return out;
}

/** A random orthonormal basis [d×d], by Gram–Schmidt. */
function orthonormal(d: number, rng: Parameters<typeof atoms>[2]): Matrix {
  const out = atoms(d, d, rng);
  for (let i = 0; i < d; i++) {
    const to = row(out, i);
    for (let b = 0; b < i; b++) {
      const other = row(out, b);
      add(to, other, -to.reduce((sum, v, j) => sum + v * other[j], 0));
    }
    const norm = Math.hypot(...to);
    for (let j = 0; j < d; j++) to[j] /= norm;
  }
  return out;
}

/** a [n×d] · b [d×d] */
function times(a: Matrix, b: Matrix): Matrix {
  const out = zeros(a.rows, b.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) add(row(out, i), row(b, j), a.data[i * a.cols + j]);
  }
  return out;
}

// Trains three small SAEs that differ by their seeds alone, to try reseed on: node examples/make-saes.mjs [FOLDER]
//
// FOLDER (small-saes) then has seed1, seed2 and seed3 in the layout of SAELens, and x.npy: the activations that they
// were trained on [4000 × 32]. Each row is a sum of 4 of 64 directions, with noise. It takes a few seconds.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Rng, runStudy, selectKernel, zeros } from 'reseed';

const [rows, d, features, active] = [4000, 32, 64, 4];
const seeds = [1, 2, 3];
const [folder = 'small-saes'] = process.argv.slice(2);

function activations() {
  const directions = zeros(features, d);
  new Rng(0, 'directions').fillNormal(directions.data);
  const x = zeros(rows, d);
  new Rng(0, 'noise').fillNormal(x.data);
  for (let e = 0; e < x.data.length; e++) x.data[e] *= 0.1;
  const draw = new Rng(0, 'rows');
  for (let i = 0; i < rows; i++) {
    for (let part = 0; part < active; part++) {
      const from = draw.below(features) * d;
      const size = 0.5 + draw.uniform();
      for (let j = 0; j < d; j++) x.data[i * d + j] += size * directions.data[from + j];
    }
  }
  return x;
}

/** A .npy file, version 1.0: magic, length of the header, header, float32 in the order of rows. */
function npy({ rows, cols, data }) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`.padEnd(117);
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  return Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.from(data.buffer, 0, data.byteLength)]);
}

const study = `
name: small-saes
activations: { file: x.npy }
sae: { architecture: topk, dSae: ${features}, k: ${active} }
training: { recipe: plain, epochs: 30, batchSize: 64, learningRate: 0.003 }
seeds: { init: [${seeds}] }
stages: [train]
`;

await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'x.npy'), npy(activations()));
await writeFile(join(folder, 'study.yaml'), study);
const kernel = selectKernel({ threads: 2 });
try {
  const out = join(folder, 'run');
  await runStudy({ file: join(folder, 'study.yaml'), out, kernel });
  for (const seed of seeds) {
    await cp(join(out, 'saes', `activations.seed${seed}`), join(folder, `seed${seed}`), { recursive: true });
  }
  await rm(out, { recursive: true });
} finally {
  await kernel.close(); // ends the worker threads
}
console.log(`${folder}: ${seeds.map((seed) => `seed${seed}`).join(', ')}, x.npy`);

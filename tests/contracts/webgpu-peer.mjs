// Runs in Deno, whose WebGPU (wgpu) has another shader compiler than npm's `webgpu` (Dawn): screened results against the portable ones.
//
// deno run -A --unstable-webgpu tests/contracts/webgpu-peer.mjs    after `npm run build`; prints the adapter, exits with 1 for a difference
import { deepStrictEqual } from 'node:assert';
import { createPortableKernel } from '../../dist/kernel/portable/index.js';
import { createScreenedKernel } from '../../dist/kernel/screened/index.js';
import { findAdapter, openDevice } from '../../dist/kernel/webgpu/open.js';
import { webgpuScreen } from '../../dist/kernel/webgpu/screen.js';
import { Rng, zeros } from '../../dist/tensor/index.js';

const found = await findAdapter();
if ('problem' in found) {
  console.log(`not tested: ${found.problem}`);
  process.exit(0);
}
const below = createPortableKernel({ threads: 1 });
const kernel = createScreenedKernel(below, webgpuScreen(await openDevice(found), found.name), {
  worth: 0,
  onTrouble: (line) => {
    throw new Error(line);
  },
});

const values = {
  normal: (rng) => rng.normal(),
  ties: (rng) => rng.below(3) - 1,
  'near ties': (rng) => 0.25 + rng.below(3) * 2 ** -26,
  'scales that differ': (rng) => rng.normal() * 10 ** (rng.below(12) - 6),
};

function random(rows, cols, seed, value) {
  const out = zeros(rows, cols);
  const rng = new Rng(seed, 'peer');
  for (let e = 0; e < out.data.length; e++) out.data[e] = value(rng);
  return out;
}

let compared = 0;
for (const [name, value] of Object.entries(values)) {
  for (const [f, g, d] of [
    [1, 1, 1],
    [70, 130, 3],
    [200, 150, 65],
  ]) {
    const [a, b] = [random(f, d, 1, value), random(g, d, 2, value)];
    const weights = {
      encoder: b.data,
      encoderBias: random(1, g, 3, value).data,
      decoder: new Float32Array(g * d),
      decoderBias: random(1, d, 4, value).data,
    };
    const encode = { k: Math.min(g, 9), relu: false, subtractDecoderBias: true };
    for (const work of [
      (k) => k.bestMatches(a, b),
      (k) => k.nearest(a, b, Math.min(g, 20), { absolute: f > 100 }),
      (k) => k.encodeTopK(weights, a, encode),
    ]) {
      deepStrictEqual(await work(kernel), await work(below), `${name}, ${f} × ${g} × ${d}`);
      compared++;
    }
  }
}
console.log(`${found.name}: ${compared} results equal`);
process.exit(kernel.id === 'webgpu' ? 0 : 1);

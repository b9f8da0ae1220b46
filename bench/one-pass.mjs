// One pass over activations that no memory holds: rows are made as they are read. Prints rows a second and peak memory.
//
// node bench/one-pass.mjs [rows] [d] [features, 0 for no SAE] [kinds of rows, 0 for all different] [SAEs]
import { passOverActivations } from '../dist/evidence/activation-pass.js';
import { selectKernel } from '../dist/kernel/select.js';
import { Rng, zeros } from '../dist/tensor/index.js';

const [rows = 2_000_000, d = 768, features = 256, kinds = 0, saes = 1] = process.argv.slice(2).map(Number);

/** Values of a fixed table from a place that the row decides: no two rows are the same. */
const table = new Float32Array(2 ** 22 + d);
{
  let state = 1;
  for (let e = 0; e < table.length; e++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    table[e] = state / 2 ** 31;
  }
}
const source = {
  rows,
  cols: d,
  async read(from, to, storage) {
    const data = storage ?? zeros(to - from, d).data;
    for (let n = from; n < to; n++) {
      const kind = kinds > 0 ? n % kinds : n;
      const at = (Math.imul(kind, 0x9e3779b1) >>> 0) % 2 ** 22;
      data.set(table.subarray(at, at + d), (n - from) * d);
      data[(n - from) * d] += kind % 4096;
    }
    return { rows: to - from, cols: d, data };
  },
  async close() {},
};

function sae(seed) {
  const rng = new Rng(seed, 'one-pass');
  const [encoder, decoder] = [zeros(features, d), zeros(features, d)];
  rng.fillNormal(encoder.data);
  rng.fillNormal(decoder.data);
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: Math.min(32, features), relu: true },
    subtractDecoderBias: false,
    encoder,
    encoderBias: new Float32Array(features),
    decoder,
    decoderBias: new Float32Array(d),
  };
}

const kernel = selectKernel({ kernel: 'native' });
const members = features > 0 ? Array.from({ length: saes }, (_, i) => ({ id: `s${i}`, sae: sae(i) })) : [];
const peak = () => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`;
const began = performance.now();
const cpu = process.cpuUsage();
let said = 0;
let late = 0;
let tick = began;
const timer = setInterval(() => {
  late = Math.max(late, performance.now() - tick - 20);
  tick = performance.now();
}, 20);
const pass = await passOverActivations(source, members, kernel, {
  onProgress(share) {
    const seconds = (performance.now() - began) / 1000;
    if (seconds - said < 10 && share < 1) return;
    said = seconds;
    console.log(
      `${(100 * share).toFixed(0)} %, ${((share * rows) / seconds).toFixed(0)} rows/s, peak ${peak()}`,
    );
  },
});
clearInterval(timer);
const used = process.cpuUsage(cpu);
const { different, ...data } = pass.data;
console.log(
  JSON.stringify({ ...data, different: different.length, stride: pass.stride, codeRows: pass.codeRows }),
);
console.log(
  `${((performance.now() - began) / 1000).toFixed(1)} s, CPU ${((used.user + used.system) / 1e6).toFixed(1)} s`,
);
console.log(`peak ${peak()}, event loop held for ${late.toFixed(0)} ms at the most`);
await kernel.close();

// Measures screens on a GPU beside the native kernel, in turn, and looks whether both give the same bytes.
//
//   npm run bench:gpu -- [--threads N] [--rounds N (3)] [--only match,encode,assign] [--profile] [--json FILE]
//
// --profile prints where the last round of each work went.
// Needs the package webgpu and a driver for Vulkan, Metal or Direct3D 12. Where PYTHON's torch sees a CUDA device, its float32
// products and their maxima are timed as well, with the rows copied there as ours are.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openKernel } from '../dist/kernel/open.js';
import { createScreenedKernel } from '../dist/kernel/screened/index.js';
import { findAdapter, openDevice } from '../dist/kernel/webgpu/open.js';
import { webgpuScreen } from '../dist/kernel/webgpu/screen.js';
import { median } from './median.mjs';
import { startPeers } from './peers.mjs';
import { timed } from './timed.mjs';
import { quickUnitRows, thirdShared } from './works.mjs';

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [threads, rounds] = [Number(options.threads), Number(options.rounds)];

const match = (f, d) => ({
  part: 'match',
  title: `best matches, ${f}² × ${d}`,
  sizes: { f, g: f, d },
  make: (rows) => (kernel) => kernel.bestMatches(rows(f, d, 1), rows(f, d, 2)),
});

const encode = (n, d, f, k) => ({
  part: 'encode',
  title: `encoding, ${n} × ${d} → ${f}, k ${k}`,
  sizes: { n, f, d, k },
  make: (rows) => (kernel) => {
    const { data: encoder } = rows(f, d, 1);
    const weights = {
      encoder,
      decoder: encoder,
      encoderBias: new Float32Array(f),
      decoderBias: new Float32Array(d),
    };
    return kernel.encodeTopK(weights, rows(n, d, 2), { k, relu: false, subtractDecoderBias: false });
  },
});

const assign = (f, d) => ({
  part: 'assign',
  title: `assignment, ${f}² × ${d}, a third shared`,
  sizes: { f, d },
  make: () => {
    const { a, b } = thirdShared({ f, d });
    return (kernel) => kernel.assign(a, b, { memory: 2 ** 31 });
  },
});

const works = [
  match(4096, 576),
  match(8192, 2304),
  match(16_384, 768),
  match(32_768, 4096),
  encode(20_000, 576, 4096, 32),
  encode(50_000, 768, 16_384, 32),
  assign(16_384, 768),
].filter(({ part }) => !options.only || options.only.split(',').includes(part));

/** Rows that are made once and used in each round. */
function remembered() {
  const made = new Map();
  return (n, d, seed) => {
    const key = `${n} ${d} ${seed}`;
    if (!made.has(key)) made.set(key, quickUnitRows(n, d, seed));
    return made.get(key);
  };
}

/** Of every array of a result, in the order of its fields. */
function digest(result, hash = createHash('sha256')) {
  for (const key of Object.keys(result).sort()) {
    const value = result[key];
    hash.update(key);
    if (ArrayBuffer.isView(value)) hash.update(value);
    else if (value && typeof value === 'object') digest(value, hash);
    else hash.update(String(value));
  }
  return hash;
}

/** A kernel like that of `--kernel webgpu`, and where its time goes, in ms by stage. */
async function profiled(onLine) {
  const spent = new Map();
  const clock = (stage, from) => spent.set(stage, (spent.get(stage) ?? 0) + performance.now() - from);
  const watch = (object, name, stage) => {
    const own = object[name].bind(object);
    object[name] = async (...given) => {
      const from = performance.now();
      try {
        return await own(...given);
      } finally {
        clock(stage, from);
      }
    };
  };
  const found = await findAdapter();
  const device = await openDevice(found);
  watch(device, 'read', 'waiting for lists');
  watch(device.uploads, 'rows', 'copying rows');
  const screen = webgpuScreen(device, found.name);
  const { list } = screen;
  screen.list = async function* (...given) {
    const strips = list(...given);
    for (;;) {
      const from = performance.now();
      const { done, value } = await strips.next();
      clock('the screen in all', from);
      if (done) return;
      yield value;
    }
  };
  const under = await openKernel({ threads, kernel: 'native' });
  watch(under, 'listedProducts', 'exact products');
  watch(under, 'bestMatches', 'sample check');
  watch(under, 'encodeTopK', 'sample check');
  under.steps = { ...under.steps };
  watch(under.steps, 'topMatches', 'sample check');
  const kernel = createScreenedKernel(under, screen, { worth: 2 ** 22, onTrouble: onLine });
  return { kernel: Object.defineProperty(kernel, 'reason', { value: `WebGPU on ${found.name}` }), spent };
}

const lines = [];
const below = await openKernel({ threads, kernel: 'native' });
const onLine = (line) => lines.push(line);
const { kernel: gpu, spent } = options.profile
  ? await profiled(onLine)
  : { kernel: await openKernel({ threads, kernel: 'webgpu', onLine }) };
const peers = await startPeers(threads);
console.log(`${gpu.reason}; ${threads} threads; ${cpus()[0].model}`);
if (peers.versions.cuda) console.log(`torch ${peers.versions.cuda}: ${peers.runs.cuda}`);
console.log('| work | CPU, ms | GPU, ms | Gop/s there | ratio | same bytes | torch on the GPU, ms |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');

const results = [];
for (const { part, title, sizes, make } of works) {
  const work = make(remembered());
  // The first time, shaders are compiled and memory is touched.
  const [first, second] = [await work(below), await work(gpu)];
  const equal = digest(first).digest('hex') === digest(second).digest('hex');
  const times = { cpu: [], gpu: [], torch: [] };
  for (let r = 0; r < rounds; r++) {
    times.cpu.push((await timed(() => work(below))).ms);
    spent?.clear();
    times.gpu.push((await timed(() => work(gpu))).ms);
    if (peers.versions.cuda && part !== 'assign')
      times.torch.push((await peers.time('cuda', part, sizes, 1, true)).ms);
  }
  const [cpu, there] = [median(times.cpu), median(times.gpu)];
  const torch = times.torch.length > 0 ? median(times.torch) : undefined;
  const operations = 2 * (sizes.n ?? sizes.f) * sizes.f * sizes.d;
  const stages = spent && [...spent].map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`).join(', ');
  const gpuLast = times.gpu.at(-1);
  results.push({
    title,
    cpuMs: cpu,
    gpuMs: there,
    ratio: cpu / there,
    equal,
    torchMs: torch,
    gpuLast,
    stages,
  });
  console.log(
    `| ${title} | ${cpu.toFixed(0)} | ${there.toFixed(0)} | ${(operations / there / 1e6).toFixed(0)} | **${(cpu / there).toFixed(2)}×** | ${equal ? 'yes' : 'NO'} | ${torch?.toFixed(0) ?? '–'} |`,
  );
}
for (const line of lines) console.log(line);
for (const { title, gpuLast, stages } of results) {
  if (stages) console.log(`${title}: ${gpuLast.toFixed(0)} ms; ${stages}`);
}
peers.stop();
if (options.json)
  writeFileSync(options.json, `${JSON.stringify({ gpu: gpu.reason, threads, results, lines }, null, 2)}\n`);
await gpu.close();
await below.close();
process.exitCode = results.every(({ equal }) => equal) ? 0 : 1;

// Measures our kernel beside its peers, turn by turn on the same threads, and prints medians and ratios.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { selectKernel } from '../dist/kernel/select.js';
import { wholeCases } from './make-case.mjs';
import { median } from './median.mjs';
import { startPeers } from './peers.mjs';
import { timed } from './timed.mjs';
import { benchWhole } from './whole.mjs';
import { works } from './works.mjs';

const usage = `npm run bench -- [--only PARTS] [--threads N] [--kernel native|portable] [--path CODE_PATH] [--peers own|avx2] [--json FILE]
PARTS, with commas: match, train, train-batchtopk, train-matryoshka, train-auxk, relu, train-jumprelu, train-gated, assign,
  cofire, or compare, large, assign-large (minutes each), or whole
whole: reseed compare beside a notebook [--case XS,S,M,L,XL (S)] [--rounds N (3)] [--folder DIR, where cases are kept] [--keep]
CODE_PATH: amx, avx512-vnni, avx512-bf16, avx512, avx-vnni, avx2, neon-i8mm, neon-dotprod or baseline. PYTHON names the interpreter that has the peers (python3)
--peers avx2 keeps them to AVX2, as on a machine that has no more`;

function parsed(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`bench: ${error.message}\n${usage}`);
    process.exit(2);
  }
}

const { values: options } = parsed({
  options: {
    help: { type: 'boolean', short: 'h' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
    kernel: { type: 'string', default: 'auto' },
    path: { type: 'string' },
    peers: { type: 'string', default: 'own' },
    case: { type: 'string', default: 'S' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

if (options.help) {
  console.log(usage);
  process.exit(0);
}

const parts = options.only?.split(',');
const threads = Number(options.threads);
const chosen = works.filter(({ part, onDemand }) => (parts ? parts.includes(part) : !onDemand));
const cases = parts?.includes('whole') ? options.case.split(',') : [];
if (chosen.length + cases.length === 0) refuse(options.only, [...works.map((w) => w.part), 'whole']);
for (const name of cases) if (!wholeCases[name]) refuse(name, Object.keys(wholeCases));

if (!['own', 'avx2'].includes(options.peers)) refuse(options.peers, ['own', 'avx2']);

function refuse(name, known) {
  console.error(`bench: nothing called ${name}; there is ${[...new Set(known)].join(', ')}`);
  process.exit(2);
}

async function measure(kernel, peers, { title, sizes, make, share = 1, rounds, repeat = 1, ...rest }) {
  const work = make(kernel, sizes);
  const before = process.memoryUsage.rss();
  const { result } = await timed(work, 1);
  // Only what the first call added: later ones find the memory there.
  const memoryMiB = Math.max(0, (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20);
  const names = Object.keys(rest.peers).filter((name) => peers.versions[name]);
  const ours = [];
  const theirs = Object.fromEntries(names.map((name) => [name, []]));
  for (let r = 0; r < rounds; r++) {
    ours.push(await timed(work, repeat));
    for (const name of names) {
      theirs[name].push(await peers.time(name, rest.part, sizes, rest.peerRepeat ?? repeat, !rest.onDemand));
    }
  }
  const ms = median(ours.map((o) => o.ms * share));
  return {
    title,
    said: rest.say?.(result),
    ms,
    cpuMs: median(ours.map((o) => o.cpuMs * share)),
    memoryMiB,
    gigaOpsPerSecond: rest.operations(sizes) / ms / 1e6,
    peers: names.map((name) => ({
      name,
      ms: median(theirs[name].map((t) => t.ms)),
      cpuMs: median(theirs[name].map((t) => t.cpuMs)),
      // The ratio of each round, so that a busy minute weighs on both sides.
      ratio: median(theirs[name].map((t, r) => t.ms / (ours[r].ms * share))),
      cpuRatio: median(theirs[name].map((t, r) => t.cpuMs / (ours[r].cpuMs * share))),
      target: rest.peers[name],
    })),
  };
}

function printed({ title, ms, cpuMs, gigaOpsPerSecond, peers }) {
  const head = `| ${title} | ${ms.toFixed(2)} | ${cpuMs.toFixed(2)} | ${gigaOpsPerSecond.toFixed(0)} |`;
  if (peers.length === 0) return `${head} – | – | – | – | – | – |`;
  return peers
    .map((p) => {
      const times = `${p.ms.toFixed(2)} | ${p.cpuMs.toFixed(2)}`;
      return `${head} ${p.name} | ${times} | **${p.ratio.toFixed(1)}×** | ${p.cpuRatio.toFixed(1)}× | ${p.target ? `${p.target}×` : '–'} |`;
    })
    .join('\n');
}

if (options.path) process.env.RESEED_KERNEL_PATH = options.path;
const kernel = selectKernel({ threads, kernel: options.kernel });
const codePath = kernel.id === 'native' ? kernel.reason.replace('code path ', '') : kernel.id;
const peers = await startPeers(threads, options.peers);
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version };
const load = loadavg()[0];
console.log(
  `kernel: ${kernel.reason}; ${threads} threads; ${machine.cpu}, ${machine.cores} cores; load ${load}`,
);
for (const name of ['numpy', 'torch', 'scipy']) {
  const version = peers.versions[name];
  console.log(version ? `${name} ${version}: ${peers.runs[name]}` : `${name}: not installed, skipped`);
}

async function benchWorks() {
  console.log(
    `\n| work | ours on ${codePath}, ms | processor ms | Gop/s | peer | ms | processor ms | ratio | by processor time | target |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  const results = [];
  const notes = [];
  for (const work of chosen) {
    const result = await measure(kernel, peers, work);
    results.push(result);
    console.log(printed(result));
    if (result.said) notes.push(`${result.title}: ${result.said}`);
    if (work.onDemand) {
      notes.push(`${result.title}: peak memory beyond the inputs ${result.memoryMiB.toFixed(0)} MiB`);
    }
  }
  for (const note of notes) console.log(`\n${note}`);
  return results;
}

const results = chosen.length > 0 ? await benchWorks() : [];
peers.stop();
await kernel.close();
const whole =
  cases.length > 0
    ? await benchWhole(cases, {
        threads,
        peers: options.peers,
        kernel: options.kernel,
        codePath,
        peer: ['numpy', 'torch', 'scipy'].every((name) => peers.versions[name]),
        rounds: Number(options.rounds),
        ...(options.folder ? { folder: options.folder } : {}),
        keep: options.keep,
      })
    : [];
if (options.json) {
  const { id, reason } = kernel;
  const { versions, runs } = peers;
  const record = {
    kernel: { id, reason },
    codePath,
    threads,
    machine,
    load,
    peers: versions,
    peerRuns: runs,
    results,
    whole,
  };
  writeFileSync(options.json, `${JSON.stringify(record, null, 2)}\n`);
}

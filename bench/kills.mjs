// Kills a study at random moments, goes on each time, and compares what it ends with to an unbroken run, byte for byte.
//
//   npm run kills -- examples/architectures.yaml [--times 20] [--seed 1] [--quick]
//
// Every file counts but those in .work; the time at which results were made is left out. Ends with code 1 where one differs.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Rng } from '../dist/tensor/rng.js';

const {
  values: options,
  positionals: [study],
} = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
  },
});
if (study === undefined) {
  console.error('kills: which study? npm run kills -- examples/architectures.yaml');
  process.exit(2);
}
const cli = new URL('../dist/cli/main.js', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'reseed-kills-'));
const whole = join(folder, 'whole');
const broken = join(folder, 'broken');

/** Runs the study into a folder, to its end or until it is killed so long after it has begun, or has begun to train. */
async function run(out, killAfter = Number.POSITIVE_INFINITY, since = 'start') {
  const args = [cli, 'run', study, '--out', out, ...(options.quick ? ['--quick'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  let timer;
  const arm = () => {
    if (Number.isFinite(killAfter)) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  };
  if (since === 'start') arm();
  child.stderr.on('data', (chunk) => {
    told += chunk;
    if (told.includes('training:')) arm();
  });
  const started = performance.now();
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  if (code !== 0 && code !== null) throw new Error(`the study ended with code ${code}\n${told}`);
  return { killed: code === null, seconds: (performance.now() - started) / 1000, last: lastLine(told) };
}

function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** Every file of a folder but what is kept for going on, without the time of the results. */
async function contents(root) {
  const { createdAt } = JSON.parse(await readFile(join(root, 'results.json'), 'utf8'));
  const shown = `${createdAt.slice(0, 10)} ${createdAt.slice(11, 16)} UTC`;
  const found = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!entry.isFile() || path.startsWith('.work')) continue;
    const bytes = await readFile(join(root, path));
    const timed = /\.(json|html|md)$/.test(path);
    const text = bytes.toString(timed ? 'utf8' : 'latin1');
    found.set(path, timed ? text.replaceAll(createdAt, '').replaceAll(shown, '') : text);
  }
  return found;
}

const { seconds: length } = await run(whole);
console.log(`unbroken: ${length.toFixed(0)} s`);

const rng = new Rng(Number(options.seed), 'kills');
const times = Number(options.times);
for (let kills = 0; kills < times; ) {
  // So that all of them together go through about one run.
  const after = (2000 * length * rng.uniform()) / (times + 1);
  // Reading the activations is not kept until it is done: if every kill fell into it, none would fall later.
  const { killed, seconds, last } = await run(broken, after, kills % 4 === 0 ? 'start' : 'training');
  if (killed) {
    kills++;
    console.log(`kill ${kills} after ${seconds.toFixed(1)} s: ${last}`);
  } else {
    console.log('it was done before its time: what is to be killed next starts from nothing');
    await rm(broken, { recursive: true, force: true });
  }
}
await run(broken);
const [expected, found] = [await contents(whole), await contents(broken)];
const differing = [...new Set([...expected.keys(), ...found.keys()])].filter(
  (path) => expected.get(path) !== found.get(path),
);
console.log(`${expected.size} files, ${differing.length} differ`);
for (const path of differing) console.log(`  ${path}`);
await rm(folder, { recursive: true, force: true });
if (differing.length > 0) process.exitCode = 1;

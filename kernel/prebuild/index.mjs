// Builds the addon for the platforms of targets.mjs into prebuilds/, and checks what each asks of its system.
//
//   npm run prebuilds [-- TARGET…] [--jobs N]     builds these, or all, and checks them
//   npm run prebuilds -- TARGET… --twice          builds also from a copy of the sources elsewhere, and compares
//   npm run prebuilds -- --check                  checks what is in prebuilds/: sources, and what each asks for
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kernelFolder } from '../recipe.mjs';
import { sourcesStamp } from '../stamp.mjs';
import { problemsOf } from './check.mjs';
import { compile } from './compile.mjs';
import { targets } from './targets.mjs';
import { findZig, zigVersion } from './zig.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folderOf = ({ key }) => join(root, 'prebuilds', key);
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Calls `work` for each item, `jobs` at a time. */
const eachOf = (jobs) => async (items, work) => {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      await work(items[i], i);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
};

async function build(zig, target, { each, twice }) {
  const work = mkdtempSync(join(tmpdir(), 'reseed-prebuild-'));
  try {
    const addon = await compile(zig, target, join(work, 'out'), { each });
    if (twice) await compareWithSecond(zig, target, join(work, 'again', 'elsewhere'), addon, each);
    const folder = folderOf(target);
    mkdirSync(folder, { recursive: true });
    copyFileSync(addon, join(folder, 'reseed.node'));
    const record = { sources: sourcesStamp(), zig: zigVersion, sha256: sha256(addon) };
    writeFileSync(join(folder, 'built.json'), `${JSON.stringify(record, null, 2)}\n`);
    console.log(`${target.key}: built`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @throws Error where a build from a copy of the sources gives other bytes */
async function compareWithSecond(zig, target, folder, addon, each) {
  const sources = join(folder, 'kernel');
  cpSync(kernelFolder, sources, { recursive: true, filter: (name) => name !== join(kernelFolder, 'build') });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const second = await compile(zig, target, join(folder, 'out'), { each, sources });
  if (sha256(second) !== sha256(addon)) throw new Error(`${target.key}: a second build gives other bytes`);
  console.log(`${target.key}: the same bytes when built twice`);
}

/** Prints what an addon is; returns whether nothing is wrong with it. */
function check(target) {
  const file = join(folderOf(target), 'reseed.node');
  const record = JSON.parse(readFileSync(join(dirname(file), 'built.json'), 'utf8'));
  const problems = problemsOf(readFileSync(file), target);
  if (record.sha256 !== sha256(file)) problems.push('not the file that was built');
  if (record.sources !== sourcesStamp())
    problems.push('built from other sources: run `npm run prebuilds` again, or delete prebuilds/');
  const size = (readFileSync(file).length / 2 ** 20).toFixed(2);
  console.log(`${target.key}: ${size} MiB, ${problems.length === 0 ? 'checked' : problems.join('; ')}`);
  return problems.length === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const unknown = positionals.filter((name) => !targets.some(({ key }) => key === name));
try {
  if (unknown.length > 0)
    throw new Error(`no target ${unknown.join(', ')}; there are ${targets.map(({ key }) => key).join(', ')}`);
  const wanted = targets.filter(({ key }) => positionals.length === 0 || positionals.includes(key));
  if (!values.check) {
    const zig = findZig();
    const each = eachOf(Number(values.jobs));
    for (const target of wanted) await build(zig, target, { each, twice: values.twice });
  }
  const built = wanted.filter((target) => existsSync(folderOf(target)));
  if (built.length === 0) console.log('no prebuilt addons');
  if (!built.map(check).every(Boolean)) process.exitCode = 1;
} catch (error) {
  console.error(`reseed: ${error.message}`);
  process.exitCode = 1;
}

// Takes the prebuilt native kernel of this platform, or compiles one. Where neither is possible it says why in one line; it never
// fails an install.
//
// `--strict` compiles, and fails where it cannot. `--sanitize` does the same with AddressSanitizer and UndefinedBehaviorSanitizer,
// in a folder of its own. Nothing is downloaded: the headers lie beside the Node that runs this, or where npm's `nodedir` says.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcesStamp } from './stamp.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const sanitize = process.argv.includes('--sanitize');
const strict = sanitize || process.argv.includes('--strict');
const { platformKey, prebuiltFolder } = createRequire(import.meta.url)('./load.cjs');
let unfit;

function skip(why) {
  const reasons = [unfit, why].filter(Boolean).join('; ');
  console.error(`reseed: no native kernel (${reasons}); the portable kernel is used.`);
  process.exit(strict ? 1 : 0);
}

process.on('uncaughtException', (error) => skip(error.message.split('\n')[0]));

/** Why the prebuilt addon cannot be taken: '' where it can, undefined where there is none. */
function problemOfPrebuilt() {
  const record = join(prebuiltFolder(), 'built.json');
  if (!existsSync(record)) return;
  if (JSON.parse(readFileSync(record, 'utf8')).sources !== sourcesStamp())
    return 'the prebuilt one is of other sources';
  const { status, signal, stdout } = spawnSync(process.execPath, [join(here, 'self-test.cjs'), 'prebuilt'], {
    encoding: 'utf8',
  });
  return status === 0 ? '' : `prebuilt: ${stdout.trim() || signal || 'the self-test failed'}`;
}

/** A folder with include/node/node_api.h: given by the user's npm settings, or beside the running Node. */
function nodeFolder() {
  const given = process.env.npm_config_nodedir;
  const beside = join(dirname(process.execPath), '..');
  return [given, beside].find((dir) => dir && existsSync(join(dir, 'include', 'node', 'node_api.h')));
}

function has(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

if (process.env.RESEED_KERNEL === 'portable') skip('RESEED_KERNEL=portable');
if (!strict) {
  unfit = problemOfPrebuilt();
  if (unfit === '') {
    // An addon that was compiled here would be loaded instead.
    rmSync(join(here, 'build', 'Release', 'reseed.node'), { force: true });
    console.error(`reseed: prebuilt native kernel for ${platformKey()}.`);
    process.exit(0);
  }
  if (unfit) rmSync(prebuiltFolder(), { recursive: true });
}
const folder = nodeFolder();
if (!folder) skip('no Node headers beside this Node');
const compiler = process.env.CXX?.split(' ')[0] || (process.platform === 'darwin' ? 'c++' : 'g++');
if (process.platform !== 'win32' && !has(compiler)) skip(`no ${compiler} on the PATH`);
if (process.platform !== 'win32' && !has('make')) skip('no make on the PATH');

let gyp;
try {
  gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
} catch {
  skip('node-gyp is not installed');
}
const jobs = String(Math.min(4, (await import('node:os')).availableParallelism()));
const order = sanitize ? ['configure', 'build', '--debug'] : ['rebuild'];
const arguments_ = [gyp, ...order, '-C', here, `--nodedir=${folder}`, '-j', jobs, '--loglevel=error'];
const run = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
if (run.status !== 0) {
  if (strict || process.env.npm_config_loglevel === 'verbose') console.error(run.stdout, run.stderr);
  const cause = /(?:error:|ERR!).*/.exec(`${run.stderr}\n${run.stdout}`)?.[0] ?? 'the build failed';
  skip(cause.slice(0, 200));
}
console.error('reseed: native kernel built.');

// Builds the native kernel where that is possible, and says in one line where it is not; never fails an install.
//
// `--strict` fails where it cannot build; `--sanitize` builds with AddressSanitizer and UndefinedBehaviorSanitizer
// instead, beside the other. Nothing is downloaded: the headers are those of the Node that runs this, beside it or where node-gyp is told.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const sanitize = process.argv.includes('--sanitize');
const strict = sanitize || process.argv.includes('--strict');

function skip(why) {
  console.error(`reseed: native kernel not built (${why}); the portable kernel is used.`);
  process.exit(strict ? 1 : 0);
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

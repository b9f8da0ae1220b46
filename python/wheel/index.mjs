// Builds the Python package with the program in it: wheels into python/dist/.
//
//   npm run python:wheel                  a wheel for this platform
//   npm run python:wheel -- linux-arm64   for others, by their names in prebuilds/
//   npm run python:wheel -- --all         for every platform that prebuilds/ has, and the source distribution
//
// A wheel for this platform takes the prebuilt addon, else the one that was compiled here, else none: then the portable kernel is
// used. A prebuilt addon of other sources is refused. PYTHON (python3) makes an environment for hatchling, where it does not have it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sourcesStamp } from '../../kernel/stamp.mjs';
import { localTag, platforms } from './platforms.mjs';
import { copyPackage, fetchPackage, run, runtimePackages } from './runtime-packages.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const app = join(root, 'python', 'app');
const dist = join(root, 'python', 'dist');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const here = createRequire(import.meta.url)('../../kernel/load.cjs').platformKey();

/** The prebuilt addon of a platform, if there is one. @throws Error where it is of other sources */
function prebuilt(key) {
  const file = join(root, 'prebuilds', key, 'reseed.node');
  if (!existsSync(file)) return;
  const { sources } = JSON.parse(readFileSync(join(root, 'prebuilds', key, 'built.json'), 'utf8'));
  if (sources !== sourcesStamp())
    throw new Error(`prebuilds/${key} is of other sources: npm run prebuilds -- ${key}, or delete it`);
  return file;
}

/** Everything but what differs from platform to platform. */
function stageProgram() {
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  cpSync(join(root, 'dist'), join(app, 'dist'), {
    recursive: true,
    filter: (file) => !/\.(d\.ts|map|tsbuildinfo)$/.test(file),
  });
  cpSync(join(root, 'assets'), join(app, 'assets'), { recursive: true });
  cpSync(join(root, 'kernel', 'load.cjs'), join(app, 'kernel', 'load.cjs'));
  const { name, license, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(app, 'package.json'), `${JSON.stringify({ name, version, license, type }, null, 2)}\n`);
  for (const place of runtimePackages(lock)) copyPackage(root, place, app);
  cpSync(join(root, 'LICENSE'), join(root, 'python', 'LICENSE'));
}

/** The addon and the rasteriser of a platform. Returns the tag of its wheel. */
function stagePlatform({ key, resvg, tag }) {
  const compiled = join(root, 'kernel', 'build', 'Release', 'reseed.node');
  const found = prebuilt(key) ?? (key === here && existsSync(compiled) ? compiled : undefined);
  if (found) cpSync(found, join(app, 'prebuilds', key, 'reseed.node'));
  const name = `@resvg/resvg-js-${resvg}`;
  if (existsSync(join(root, 'node_modules', name))) copyPackage(root, `node_modules/${name}`, app);
  else fetchPackage(root, lock, name, app);
  if (!found) console.log(`${key}: no addon; its wheel uses the portable kernel`);
  return found === compiled ? (localTag[key] ?? tag) : tag;
}

/** A Python that has hatchling. */
function hatchling(work) {
  const python = process.env.PYTHON ?? 'python3';
  try {
    run(python, ['-c', 'import hatchling'], {});
    return python;
  } catch {
    run(python, ['-m', 'venv', work], {});
    const own = join(work, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
    run(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'hatchling>=1.26'], {});
    return own;
  }
}

function build(python, target, env) {
  run(python, ['-m', 'hatchling', 'build', '-t', target, '-d', dist], {
    cwd: join(root, 'python'),
    env: { ...process.env, ...env },
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});
const work = mkdtempSync(join(tmpdir(), 'reseed-wheel-'));
try {
  const unknown = positionals.filter((name) => !platforms.some(({ key }) => key === name));
  if (unknown.length > 0)
    throw new Error(
      `no platform ${unknown.join(', ')}; there are ${platforms.map(({ key }) => key).join(', ')}`,
    );
  const said = /__version__ = "(.*)"/.exec(
    readFileSync(join(root, 'python/src/reseed/version.py'), 'utf8'),
  )?.[1];
  if (said !== version) throw new Error(`version.py has ${said}, package.json ${version}`);
  const wanted = values.all ? platforms.map(({ key }) => key) : positionals.length > 0 ? positionals : [here];
  const chosen = platforms.filter(({ key }) => wanted.includes(key));
  if (values.all) {
    const missing = chosen.filter(({ key }) => !prebuilt(key));
    if (missing.length > 0)
      throw new Error(`no addon for ${missing.map(({ key }) => key).join(', ')}: npm run prebuilds`);
  }
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  stageProgram();
  const python = hatchling(work);
  for (const platform of chosen) {
    const tag = stagePlatform(platform);
    build(python, 'wheel', { RESEED_PLATFORM: platform.key, RESEED_TAG: tag });
  }
  // The source distribution has what was staged, so a wheel can be made of it without npm.
  if (values.all) build(python, 'sdist', {});
  for (const file of readdirSync(dist).sort())
    console.log(`python/dist/${file}: ${(statSync(join(dist, file)).size / 2 ** 20).toFixed(1)} MiB`);
} catch (error) {
  console.error(`reseed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

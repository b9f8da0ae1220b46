// The npm packages that the program needs while it runs: those of package-lock.json, without what only an installation compiles with.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** They compile the addon, which is there already. */
const forInstalling = ['node-gyp', 'node-addon-api'];
/** Parts of packages that nothing loads: by the folder of the package. */
const unused = {
  'node_modules/dejavu-fonts-ttf':
    /\/ttf\/(?!DejaVuSans(-Bold)?\.ttf)|\/fontconfig\/|\/(langcover|unicover|status)\.txt$/,
};
const unusedAnywhere =
  /\.(map|ts|cts|mts|flow|md|markdown)$|\.umd(\.min)?\.js$|\/(test|tests|__tests__|__fixtures__|\.github)\//;
/** A licence may be a page. */
const licence = /\/(licen[cs]e|notice|copying)[^/]*$/i;

/** Places in node_modules, as package-lock.json has them, of all that the program loads on any platform. */
export function runtimePackages(lock) {
  const found = new Set();
  const visit = (from, name) => {
    const place = placeOf(lock, from, name);
    if (place === undefined || found.has(place)) return;
    found.add(place);
    for (const one of Object.keys(lock.packages[place].dependencies ?? {})) visit(place, one);
  };
  for (const name of Object.keys(lock.packages[''].dependencies)) {
    if (!forInstalling.includes(name)) visit('', name);
  }
  return [...found].sort();
}

/** As Node resolves it: in the package itself, else in those that it lies in. */
function placeOf(lock, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (lock.packages[place]) return place;
    if (at === '') return;
  }
}

/** Copies a package without the packages within it, and without what nothing loads. */
export function copyPackage(root, place, to) {
  const from = join(root, place);
  cpSync(from, join(to, place), {
    recursive: true,
    dereference: true,
    filter: (file) => {
      const path = `/${file.slice(from.length + 1).replaceAll('\\', '/')}`;
      if (path.includes('/node_modules')) return false;
      if (licence.test(path)) return true;
      return !unusedAnywhere.test(path) && !unused[place]?.test(path);
    },
  });
}

/**
 * Brings a package of another platform from the registry, held against the hash in package-lock.json.
 * @throws Error where it is not what the lock says
 */
export function fetchPackage(root, lock, name, to) {
  const place = `node_modules/${name}`;
  const { version, integrity } = lock.packages[place];
  const work = mkdtempSync(join(tmpdir(), 'reseed-package-'));
  try {
    const [file] = JSON.parse(
      run('npm', ['pack', `${name}@${version}`, '--json', '--pack-destination', work], { cwd: root }),
    );
    const archive = join(work, file.filename.replace('/', '-').replace(/^@/, ''));
    const hash = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (hash !== integrity) throw new Error(`${name}@${version}: it is not what package-lock.json says`);
    run('tar', ['-xzf', archive, '-C', work], {});
    mkdirSync(dirname(join(to, place)), { recursive: true });
    copyPackage(join(work, 'package'), '', join(to, place));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What a command prints. @throws Error with what it says */
export function run(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npm',
    maxBuffer: 2 ** 26,
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? stderr}`);
  return stdout;
}

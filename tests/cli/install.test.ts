// The packed package, installed where there is no compiler: it compares SAEs, and says which kernel it uses.
//
// Its dependencies are those of this checkout, so that nothing is downloaded. npm runs the installation and makes the
// command, as it does for a package that it has just unpacked.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseResults } from '../../src/results/read-results.js';
import { pack, root } from '../house/packed.js';
import { plantedFiles } from '../study/planted-saes.js';

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const { prebuiltFolder } = createRequire(import.meta.url)('../../kernel/load.cjs') as {
  prebuiltFolder(): string;
};

/** Whether this checkout has an addon for this platform, of its present sources. */
const hasPrebuilt =
  existsSync(prebuiltFolder()) &&
  spawnSync(process.execPath, [
    join(root, 'kernel/prebuild/index.mjs'),
    basename(prebuiltFolder()),
    '--check',
  ]).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'reseed-install-'));
const installed = join(folder, 'node_modules', 'reseed');
const commands = join(folder, 'commands');
let installation: string;

/** Runs npm or npx in the folder, with nothing but Node, npm and a shell on the PATH. */
function run(command: 'npm' | 'npx', ...args: string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(join(commands, command), args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: commands, HOME: folder, RESEED_CACHE: 'off', npm_config_offline: 'true' },
  });
  expect(status, stderr).toBe(0);
  return { stdout, stderr };
}

beforeAll(() => {
  mkdirSync(commands);
  const places = process.env['PATH']!.split(delimiter);
  for (const name of ['npm', 'npx', 'sh']) {
    const found = places.map((place) => join(place, name)).find((file) => existsSync(file));
    symlinkSync(realpathSync(found!), join(commands, name));
  }
  symlinkSync(process.execPath, join(commands, 'node'));

  mkdirSync(installed, { recursive: true });
  const { filename } = pack('--pack-destination', folder);
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  writeFileSync(join(folder, 'package.json'), '{ "dependencies": { "reseed": "*" } }\n');
  installation = run('npm', 'rebuild', 'reseed', '--foreground-scripts').stderr;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says in one line which kernel it has', () => {
  const lines = installation.split('\n').filter((line) => line.startsWith('reseed: '));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    hasPrebuilt
      ? /^reseed: prebuilt native kernel for \S+\.$/
      : /^reseed: no native kernel \((.* on the PATH|no Node headers beside this Node)\); the portable kernel is used\.$/,
  );
});

it('compares two SAEs, on that kernel', async () => {
  const { saes } = await plantedFiles(2);
  const { stdout, stderr } = run('npx', 'reseed', 'compare', ...saes, '--draws', '2', '--json', '-');
  expect(parseResults(JSON.parse(stdout)).groups[0].saes).toEqual(['seed0', 'seed1']);
  expect(stderr).toMatch(
    hasPrebuilt ? /kernel: native, .*\(prebuilt, code path/ : /kernel: portable, .*not built/,
  );
});

it('has what README links to, and no tools of this checkout', () => {
  const names = readdirSync(installed);
  expect(names).toEqual(
    expect.arrayContaining(['README.md', 'LICENSE', 'docs', 'dist', 'kernel', 'examples']),
  );
  expect(names).not.toContain('tests');
  expect(readdirSync(join(installed, 'kernel'))).not.toContain('prebuild');
});

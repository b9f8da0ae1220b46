// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs the kernel contracts on it; then the
// training of every kind of autoencoder under ThreadSanitizer, as a program of its own, for Node's threads are not known to it.
//
// `--races` runs the second part alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipeFor } from './recipe.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const inherit = { stdio: 'inherit', cwd: root };

function checkMemory() {
  execFileSync(process.execPath, [join(here, 'build.mjs'), '--sanitize'], inherit);
  // Node itself is not built with the sanitizers, so their libraries have to come first.
  const libraries = ['libasan.so', 'libubsan.so'].map((name) =>
    execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim(),
  );
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // The sanitizers take up to ten times as long.
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', 'tests/contracts/kernel', '--testTimeout=300000'],
    {
      ...inherit,
      env: {
        ...process.env,
        LD_PRELOAD: libraries.join(' '),
        // V8 keeps what it allocates until the process ends.
        ASAN_OPTIONS: 'detect_leaks=0',
        UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
        RESEED_BUILT: '1',
        RESEED_KERNEL: 'native',
        RESEED_KERNEL_BUILD: 'Debug',
      },
    },
  );
  return status ?? 1;
}

/** Every source and flag of binding.gyp but the part that speaks to Node. */
function checkRaces() {
  const units = recipeFor(process.arch).units.filter(({ source }) => !source.startsWith('addon/'));
  const out = join(here, 'build', 'Races');
  mkdirSync(out, { recursive: true });
  const common = ['-O1', '-g', '-fsanitize=thread', '-pthread', `-I${here}`];
  const compile = (source, flags) => {
    const object = join(out, `${source.replace(/\W/g, '-')}.o`);
    execFileSync('g++', [...flags, ...common, '-c', join(here, source), '-o', object], inherit);
    return object;
  };
  const check = { source: 'race-check.cpp', flags: units[0].flags };
  const objects = [...units, check].map(({ source, flags }) => compile(source, flags));
  const program = join(out, 'race-check');
  execFileSync('g++', ['-fsanitize=thread', '-pthread', ...objects, '-o', program], inherit);
  const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=1' };
  return spawnSync(program, { ...inherit, env }).status ?? 1;
}

process.exit((process.argv.includes('--races') ? 0 : checkMemory()) || checkRaces());

// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs the kernel contracts on it.
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const inherit = { stdio: 'inherit', cwd: root };

execFileSync(process.execPath, [join(here, 'build.mjs'), '--sanitize'], inherit);
// Node itself is not built with the sanitizers, so their libraries have to come first.
const libraries = ['libasan.so', 'libubsan.so'].map((name) =>
  execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim(),
);
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/contracts/kernel'], {
  ...inherit,
  env: {
    ...process.env,
    LD_PRELOAD: libraries.join(' '),
    // V8 keeps what it allocates until the process ends.
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    RESEED_KERNEL: 'native',
    RESEED_KERNEL_BUILD: 'Debug',
  },
});
process.exit(status ?? 1);

// Compiles src before any test runs: worker threads and the command run from dist, which may be of an older source.
//
// RESEED_BUILT=1 says that it is done. Under an emulator or a sanitizer the compilers of this machine cannot be called.
import { execFileSync } from 'node:child_process';

export default function build(): void {
  if (process.env.RESEED_BUILT === '1') return;
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
}

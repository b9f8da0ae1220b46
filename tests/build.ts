// Compiles src before any test runs: worker threads and the command run from dist, which may be of an older source.
import { execFileSync } from 'node:child_process';

export default function build(): void {
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
}

// The files that the package has when it is packed.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths from the root of the package. @param options for npm pack */
export function pack(...options: string[]): { filename: string; files: string[] } {
  // npm's own scripts would build dist/ again while other tests read it.
  const args = ['pack', '--json', '--ignore-scripts', ...options];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  return { filename, files: files.map(({ path }) => path) };
}

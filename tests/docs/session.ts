// A folder and a shell in which the commands of a page run as they stand, with the built command line.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './page.js';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Session {
  readonly folder: string;
  /** Runs lines of a shell, which stops at the first that fails. `reseed` and `examples/` are those of this checkout. */
  run(lines: string): Ran;
  end(): void;
}

export function startSession(): Session {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-docs-'));
  const commands = join(folder, '.commands');
  mkdirSync(commands);
  const reseed = join(commands, 'reseed');
  writeFileSync(reseed, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/cli/main.js')}' "$@"\n`);
  chmodSync(reseed, 0o755);
  symlinkSync(process.execPath, join(commands, 'node'));
  const env = {
    ...process.env,
    PATH: `${commands}${delimiter}${process.env['PATH']}`,
    RESEED_CACHE: 'off',
  };
  return {
    folder,
    run(lines) {
      const script = lines
        .replaceAll('npm run -s reseed --', 'reseed')
        .replaceAll('node examples/', `node '${root}'examples/`);
      const { status, stdout, stderr } = spawnSync('sh', ['-euc', script], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

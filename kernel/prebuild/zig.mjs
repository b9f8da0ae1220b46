// zig as a C++ compiler for every platform; PyPI has it as a package.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Other versions give other bytes. */
export const zigVersion = '0.17.1';

/** The command that runs zig. @throws Error that says in a line what is needed */
export function findZig() {
  const commands = [process.env.ZIG?.split(' '), ['python3', '-m', 'ziglang'], ['zig']].filter(Boolean);
  const found = commands.map(([program, ...args]) => {
    const { status, stdout } = spawnSync(program, [...args, 'version'], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : '';
  });
  const at = found.indexOf(zigVersion);
  if (at >= 0) return commands[at];
  const other = found.find(Boolean);
  throw new Error(
    `zig ${zigVersion} is needed${other ? `, ${other} is there` : ''}: ` +
      `python3 -m pip install ziglang==${zigVersion}, or ZIG="<command>"`,
  );
}

/** Runs zig in a folder. @throws Error with what it printed */
export async function runZig([program, ...first], args, options) {
  try {
    await promisify(execFile)(program, [...first, ...args], { ...options, maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new Error(`zig ${args.join(' ')}\n${error.stderr || error.message}`);
  }
}

// The substrate command refuses wrong arguments and folders with one clear message.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

function substrate(...args: string[]) {
  const script = fileURLToPath(new URL('../../dist/cli/substrate.js', import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

it('says what it does', () => {
  const { status, stdout } = substrate('--help');
  expect(status).toBe(0);
  expect(stdout).toContain('--layers <n>');
});

it.each([
  [['--layers', '0'], 'expected a whole number, 1 or more'],
  [['--layers', 'two'], 'expected a whole number, 1 or more'],
  [['--seed', '-1'], 'expected a whole number, 0 or more'],
  [['--depth', '2'], "unknown option '--depth'"],
])('%j: exit 2', (args, message) => {
  const { status, stdout, stderr } = substrate(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
});

it('an output folder that is a file: exit 3', () => {
  const file = fileURLToPath(import.meta.url);
  const { status, stderr } = substrate('--out', file);
  expect(status).toBe(3);
  expect(stderr.trim()).toBe(`${file}: cannot write it: a file of that name exists`);
});

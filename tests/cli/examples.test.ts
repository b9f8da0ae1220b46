// The examples of the library run as they stand, against the built package under its own name.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('examples/compare.mjs finds what it has planted', async () => {
  const script = fileURLToPath(new URL('../../examples/compare.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  expect(stdout).toMatch(/^decoder\.max +0\.\d{3} 0\.478 0\.\d{3}$/m);
  const [, back] = /^(\d+) of 128 features come back$/m.exec(stdout)!;
  // The 64 that are shared, and a few false ones.
  expect(Number(back)).toBeGreaterThanOrEqual(64);
  expect(Number(back)).toBeLessThan(74);
  expect(stdout).toMatch(/^chance level of decoder\.max: 0\.478\d$/m);
});

it('examples/consensus.mjs finds what it has planted', async () => {
  const script = fileURLToPath(new URL('../../examples/consensus.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  expect(stdout).toMatch(/^40 families, 40 in all$/m);
  expect(stdout).toMatch(/^dictionary \[40 × 32\]$/m);
});

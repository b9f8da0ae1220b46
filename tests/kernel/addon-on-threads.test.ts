// The addon works on a worker thread, and the process ends well after that thread.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadNative } from '../../src/kernel/native/addon.js';

const selfTest = fileURLToPath(new URL('../../kernel/self-test.cjs', import.meta.url));

it('passes its self-test, or says why there is no addon', () => {
  const native = loadNative();
  const { status, stdout } = spawnSync(process.execPath, [selfTest], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual(
    'addon' in native ? { status: 0, stdout: '' } : { status: 1, stdout: `${native.problem}\n` },
  );
});

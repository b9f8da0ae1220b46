// A sample of the fuzz run: the same inputs each time, none of which may end in anything but a result or a clear error.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containers } from './containers.js';
import { fuzz } from './fuzz.js';
import { ReaderProcess } from './reader-process.js';

/** Of each container. */
const inputs = 500;

describe.each(containers)('$name', (container) => {
  it('ends in a result or a clear error, whatever is done to a file', async () => {
    const [tally] = await fuzz({ containers: [container], seed: 1, inputs });
    expect(tally.faults).toEqual([]);
    expect(tally.inputs).toBe(inputs);
    // The damage is neither too little to matter nor so much that nothing is read.
    expect(tally.read).toBeGreaterThan(inputs / 20);
    expect(tally.refused).toBeGreaterThan(inputs / 4);
    expect(tally.messages.size).toBeGreaterThan(20);
  });
});

it('a seed decides all inputs', async () => {
  const run = async (seed: number) => {
    const [{ messages, read }] = await fuzz({ containers: [containers[0]], seed, inputs: 120 });
    return { read, messages: [...messages] };
  };
  const once = await run(2);
  expect(await run(2)).toEqual(once);
  expect((await run(3)).messages).not.toEqual(once.messages);
});

describe('a fault is seen', () => {
  const module = fileURLToPath(new URL('misbehaving.mjs', import.meta.url));
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reseed-fuzz-test-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([
    ['crash', /it ended with 7/],
    ['no heap left', /it ended with SIGABRT: .*heap/s],
    ['too much memory', /opening allocated 83\d+ bytes, more than 41\d+/],
    ['much memory that is not kept', /opening allocated 65\d+ bytes/],
    ['slow', /opening took \d{4,} ms/],
    ['another error', /not a ReseedError: TypeError/],
    ['another code', /the code internal\.kernel/],
    ['no file in the message', /a message that does not name the file: wrong/],
    ['an endless message', /a message of 20\d+ characters/],
    ['control characters', /control characters in the message/],
    ['fewer values', /2 values for \[3,1\] of a/],
    ['another type', /a is not what was announced/],
    ['other rows', /rows of a differ from the whole/],
    ['hang', /no answer within 3 s/, 3000],
  ] as [string, RegExp, number?][])('%s', async (fault, message, patience = 60_000) => {
    const reader = new ReaderProcess({ module, patience });
    const file = join(folder, 'input');
    await writeFile(file, fault);
    const outcome = await reader.read(file);
    reader.stop();
    expect(outcome.message).toMatch(message);
    expect(outcome.ending).toBe('fault');
  });
});

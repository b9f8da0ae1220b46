// First positions are left out by tokens where rows are flat, and by shape where they are not: the same rows either way.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openActivations, rowsOf } from '../../src/activations/activation-rows.js';
import type { Tokens } from '../../src/activations/tokens.js';
import { openWithoutFirst, withoutFirst } from '../../src/activations/without-first.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { Rng, zeros } from '../../src/tensor/index.js';
import { messageOf } from '../formats/message-of.js';

const [batch, sequence, d] = [40, 7, 3];
const rows = batch * sequence;
const values = new Float32Array(rows * d);
new Rng(3, 'without-first').fillNormal(values);

const columns = {
  document: Array.from({ length: rows }, (_, n) => Math.floor(n / sequence)),
  position: Array.from({ length: rows }, (_, n) => n % sequence),
  token: Array.from({ length: rows }, (_, n) => ` ${n}`),
};

let folder: string;
let flat: string;
let cube: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-first-'));
  flat = join(folder, 'flat');
  await mkdir(flat);
  const half = (rows / 2) * d;
  for (const [i, part] of [values.subarray(0, half), values.subarray(half)].entries()) {
    const shard = encodeSafetensors({ x: { shape: [rows / 2, d], data: part } });
    await writeFile(join(flat, `activations-${i}.safetensors`), shard);
  }
  await writeFile(join(flat, 'tokens.json'), JSON.stringify(columns));
  cube = join(folder, 'cube.safetensors');
  await writeFile(cube, encodeSafetensors({ x: { shape: [batch, sequence, d], data: values } }));
});

describe('flat rows whose tokens lie beside them', () => {
  it.each([
    0, 1, 2, 6,
  ])('are those of the same sequences as a cube, without %i positions', async (dropFirst) => {
    const [byTokens, byShape] = [
      await openWithoutFirst(flat, dropFirst),
      await openActivations(cube, { dropFirst }),
    ];
    expect(byTokens.rows).toBe(batch * (sequence - dropFirst));
    // By parts, across shards, in both directions, and into storage that is given.
    for (const [from, to] of [
      [0, byTokens.rows],
      [3, 37],
      [byTokens.rows - 2, byTokens.rows],
      [5, 5],
      [1, 20],
    ]) {
      const storage = new Float32Array((to - from) * d);
      expect((await byTokens.read(from, to, storage)).data).toEqual((await byShape.read(from, to)).data);
    }
    await byTokens.close();
    await byShape.close();
  });

  it('may name the tensor, or have their tokens elsewhere', async () => {
    const named = await openWithoutFirst(`${flat}#x`, 2);
    expect(named.rows).toBe(batch * (sequence - 2));
    await named.close();
    const file = join(folder, 'others.json');
    await writeFile(file, JSON.stringify({ ...columns, position: columns.position.map((p) => p + 1) }));
    const other = await openWithoutFirst(flat, 2, file);
    expect(other.rows).toBe(batch * (sequence - 1));
    await other.close();
  });

  it('refuses rows that are not there, and tokens of other rows', async () => {
    const some = await openWithoutFirst(flat, 1);
    expect(await messageOf(some.read(0, some.rows + 1), 'input.shape')).toContain('no such rows');
    await some.close();
    const file = join(folder, 'fewer.json');
    await writeFile(
      file,
      JSON.stringify(Object.fromEntries(Object.entries(columns).map(([key, all]) => [key, all.slice(1)]))),
    );
    const message = await messageOf(openWithoutFirst(flat, 1, file), 'input.shape');
    expect(message).toContain(`found ${rows - 1} rows; expected ${rows}`);
  });
});

it('takes tokens and rows together, where positions have gaps', async () => {
  const x = zeros(5, 1);
  x.data.set([10, 11, 12, 13, 14]);
  const tokens: Tokens = {
    rows: 5,
    document: Int32Array.of(0, 0, 1, 1, 1),
    position: Int32Array.of(1, 4, 2, 3, 0),
    token: Int32Array.of(0, 1, 2, 1, 0),
    texts: ['a', 'b', 'c'],
  };
  const taken = withoutFirst(rowsOf(x), tokens, 2);
  expect([...(await taken.x.read(0, 3)).data]).toEqual([11, 12, 13]);
  expect(taken.tokens).toMatchObject({
    rows: 3,
    document: Int32Array.of(0, 1, 1),
    position: Int32Array.of(4, 2, 3),
    token: Int32Array.of(1, 2, 1),
  });
});

// Files that hold several SAEs: which parts there are, by which names they are found, and that each is read as if alone.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/compare/inspect.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import type { Tensor } from '../../src/formats/tensor.js';
import { renderInspection } from '../../src/report/inspection-text.js';
import { saesAt } from '../../src/sae/checkpoint.js';
import { openSae } from '../../src/sae/open-sae.js';
import { cli } from '../cli/cli.js';

const [n, d, features] = [3, 4, 6];
const stated = { architecture: 'relu', subtractDecoderBias: true } as const;

/** Values that differ in every entry. */
function ramp(shape: number[], from: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, e) => from + e / 8) };
}

const stack = {
  W_enc: ramp([n, d, features], 1),
  b_enc: ramp([n, features], 2),
  W_dec: ramp([n, features, d], 3),
  b_dec: ramp([n, d], 4),
};

function named(prefix: string, from: number): Record<string, Tensor> {
  return {
    [`${prefix}W_enc`]: ramp([d, features], from),
    [`${prefix}b_enc`]: ramp([features], from + 1),
    [`${prefix}W_dec`]: ramp([features, d], from + 2),
    [`${prefix}b_dec`]: ramp([d], from + 3),
  };
}

const files = {
  stack,
  // Of the first, the name is the beginning of the second's.
  seeds: { ...named('models/42/', 1), ...named('models/42/again/', 50), ...named('models/137/', 9) },
  odd: { ...named('a/', 1), 'a/odd': ramp([2], 1), ...named('b/', 9), 'b/odd': ramp([2], 1) },
  alone: Object.fromEntries(
    Object.entries(stack).map(([name, { shape }]) => [name, ramp([1, ...shape.slice(1)], 7)]),
  ),
};
const at = {} as Record<keyof typeof files, string>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-parts-'));
  for (const [name, tensors] of Object.entries(files)) {
    at[name as keyof typeof files] = join(folder, `${name}.safetensors`);
    await writeFile(at[name as keyof typeof files], encodeSafetensors(tensors));
  }
});

describe('a stack', () => {
  it('is as many SAEs as its first axis is long, each with its own slices', async () => {
    expect(await saesAt(at.stack)).toEqual([0, 1, 2].map((i) => `${at.stack}#${i}`));
    for (let i = 0; i < n; i++) {
      const { sae, origin } = await openSae(`${at.stack}#${i}`, stated);
      const slice = ({ data }: Tensor) => data.slice((i * data.length) / n, ((i + 1) * data.length) / n);
      expect(sae.decoder).toMatchObject({ rows: features, cols: d });
      expect([...sae.decoder.data]).toEqual([...slice(stack.W_dec)]);
      expect([...sae.encoderBias]).toEqual([...slice(stack.b_enc)]);
      expect([...sae.decoderBias]).toEqual([...slice(stack.b_dec)]);
      // Stored as [d × F], so feature 2 is its column 2.
      const column = [0, 1, 2, 3].map((j) => slice(stack.W_enc)[j * features + 2]);
      expect([...sae.encoder.data.subarray(2 * d, 3 * d)]).toEqual(column);
      expect(origin.path).toBe(`${at.stack}#${i}`);
    }
  });

  it('of one is that one', async () => {
    expect(await saesAt(at.alone)).toEqual([at.alone]);
    expect((await openSae(at.alone, stated)).sae.decoder).toMatchObject({ rows: features, cols: d });
  });
});

describe('a crosscoder', () => {
  it('is no stack: its models share their features, and so the bias', async () => {
    const file = at.stack.replace('stack', 'crosscoder');
    const layers = { W_enc: stack.W_enc, W_dec: stack.W_dec, b_enc: ramp([features], 1) };
    await writeFile(file, encodeSafetensors(layers));
    expect(await saesAt(file)).toEqual([file]);
  });
});

describe('names', () => {
  it('come from what stands before the tensors, and none is taken for part of another', async () => {
    const names = ['models/42', 'models/42/again', 'models/137'];
    expect((await saesAt(at.seeds)).sort()).toEqual(names.map((name) => `${at.seeds}#${name}`).sort());
    for (const [name, from] of [
      ['models/42', 1],
      ['models/42/again', 50],
      ['models/137', 9],
    ] as const) {
      const { sae } = await openSae(`${at.seeds}#${name}`, stated);
      expect(sae.encoderBias[0]).toBe(from + 1);
    }
  });

  it.each([
    ['137', 10],
    ['again', 51],
  ])('may be given by their end: %s', async (end, bias) => {
    expect((await openSae(`${at.seeds}#${end}`, stated)).sae.encoderBias[0]).toBe(bias);
  });

  it('that are not there are refused with those that are', async () => {
    await expect(openSae(`${at.seeds}#43`, stated)).rejects.toThrow(/found .*models\/42.*expected 43/);
    await expect(openSae(`${at.stack}#3`, stated)).rejects.toThrow(/found 0, 1, 2; expected 3/);
    await expect(openSae(`${at.stack}-none#3`, stated)).rejects.toThrow(/no such file/i);
  });

  it('are asked for where one SAE is wanted', async () => {
    await expect(openSae(at.stack, stated)).rejects.toThrow(
      /more than one SAE; found 3: .*stack.safetensors#0/,
    );
  });
});

describe('inspect and compare', () => {
  it('list the parts of a file, and one by its name', async () => {
    const found = await inspect(at.stack, { stated });
    expect(found).toMatchObject({ kind: 'several', saes: [{ dSae: features }, {}, {}], others: [] });
    const text = renderInspection(found);
    expect(text).toMatch(/#0 .*\n.*#1 .*\n.*#2 /);
    expect(text).toContain(`  reseed compare ${at.stack}\n`);
    expect(await inspect(`${at.stack}#1`, { stated })).toMatchObject({ kind: 'sae', dModel: d });
  });

  it('say once what all parts of a file leave open, and why none can be read', async () => {
    const open = renderInspection(await inspect(at.seeds));
    expect(open.match(/the file alone does not tell how to read it/g)).toHaveLength(1);
    const unread = renderInspection(await inspect(at.odd), { width: 1000 });
    expect(unread).toMatch(/2 SAEs that cannot be read as they stand\n {2}#a, #b:\n.*\bodd\b.*\n$/);
  });

  it('take all SAEs of a file as the group that they are', async () => {
    const flags = ['--architecture', 'relu', '--subtract-decoder-bias', 'yes', '--json', '-', '--no-cache'];
    const { code, stdout } = await cli('compare', at.stack, '--init', at.stack, ...flags);
    expect(code).toBe(0);
    const { saes, groups } = JSON.parse(stdout);
    expect(saes.map(({ id }: { id: string }) => id)).toEqual([0, 1, 2].map((i) => `stack.safetensors#${i}`));
    expect(groups[0].metrics['decoder.max'].pairs).toHaveLength(3);
  });
});

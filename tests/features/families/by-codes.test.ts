// Families by codes: a planted world whose features fire on known rows, and SAEs that have nothing but their data in common.
import { afterAll, describe, expect, test } from 'vitest';
import { byCodes } from '../../../src/features/families/by-codes.js';
import { byDirections } from '../../../src/features/families/by-directions.js';
import { familiesOf } from '../../../src/features/families/families.js';
import { bothViews } from '../../../src/features/families/view.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { encode } from '../../../src/sae/encode.js';
import { dot, Rng, row, transposeCodes } from '../../../src/tensor/index.js';
import { type KnownWorld, knownWorld } from '../../compare/consensus-worlds.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

async function coded({ saes, x }: KnownWorld) {
  return Promise.all(saes.map(async ({ id, sae }) => ({ id, sae, codes: await encode(sae, x, kernel) })));
}

async function viewOf(world: KnownWorld, seed = 0) {
  return byCodes(await coded(world), kernel, {
    encode: (sae) => encode(sae, world.x, kernel),
    rng: (...of) => new Rng(seed, ...of),
  });
}

const ids = ['sae-0', 'sae-1', 'sae-2'];

describe('three SAEs that know three quarters of a world each', () => {
  const world = knownWorld(3, 36, 0);

  test('families by codes are of one true feature each, whatever directions are', async () => {
    const { families, by } = (await familiesOf(ids, await viewOf(world)))!;
    expect(by).toBe('codes');
    expect(families.length).toBeGreaterThan(30);
    for (const { members } of families) {
      expect(new Set(members.map(({ sae, feature }) => world.truth[sae][feature])).size).toBe(1);
    }
  });

  test('by both, the lesser cosine and the larger p-value count, and no family is new', async () => {
    const [codes, directions] = [await viewOf(world), byDirections(world.saes, kernel)];
    const view = bothViews(directions, codes);
    const { families } = (await familiesOf(ids, view))!;
    const alone = (await familiesOf(ids, codes))!.families;
    expect(families.length).toBeLessThanOrEqual(alone.length);
    expect(families.length).toBeGreaterThan(20);
    const mutual = await view.mutual(0, 1, {});
    const [one, other] = [
      await codes.likeness(0, 1, mutual, {}),
      await directions.likeness(0, 1, mutual, {}),
    ];
    mutual.cosine.forEach((c, e) => {
      expect(Math.abs(c)).toBeCloseTo(Math.min(Math.abs(one.cosine[e]), Math.abs(other.cosine[e])), 9);
      expect(mutual.pValue[e]).toBeCloseTo(Math.max(one.pValue[e], other.pValue[e]), 9);
    });
  });

  test('cosines are those of columns of codes', async () => {
    const view = await viewOf(world);
    const [a, b] = (await coded(world)).map(({ codes }) => {
      const columns = transposeCodes(codes);
      return (feature: number) => {
        const out = new Float32Array(codes.rows);
        for (let e = columns.offsets[feature]; e < columns.offsets[feature + 1]; e++)
          out[columns.indices[e]] = columns.values[e];
        return out;
      };
    });
    const pairs = { i: Int32Array.of(0, 3, 5), j: Int32Array.of(1, 3, 8) };
    const { cosine } = await view.likeness(0, 1, pairs, {});
    cosine.forEach((c, e) => {
      const [u, v] = [a(pairs.i[e]), b(pairs.j[e])];
      expect(c).toBeCloseTo(dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v)), 5);
    });
  });
});

test('SAEs that have only their data in common have no families in nine of ten worlds or more', async () => {
  let having = 0;
  for (let seed = 0; seed < 10; seed++) {
    const { x } = knownWorld(1);
    // Features that are no true ones, drawn anew in each world.
    const saes = knownWorld(3, 0, 48).saes.map((one, s) => {
      const rng = new Rng(seed, 'nothing', s);
      const decoder = { ...one.sae.decoder, data: new Float32Array(one.sae.decoder.data.length) };
      rng.fillNormal(decoder.data);
      return { ...one, sae: { ...one.sae, decoder, encoder: decoder } };
    });
    expect(row(saes[0].sae.decoder, 0)).toHaveLength(32);
    const { families } = (await familiesOf(ids, await viewOf({ saes, x, truth: [] }, seed), {
      cosine: 0.51,
    }))!;
    if (families.length > 0) having++;
  }
  expect(having).toBeLessThanOrEqual(1);
});

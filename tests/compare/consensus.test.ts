// The dictionary of what several SAEs agree on: what it is made of, what it keeps, what it writes, and what is refused.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, test } from 'vitest';
import { type Consensus, consensus } from '../../src/compare/consensus/consensus.js';
import { consensusFiles } from '../../src/compare/consensus/files.js';
import { consensusResult } from '../../src/compare/consensus/result.js';
import { splitOf } from '../../src/compare/consensus/rows.js';
import { keyText } from '../../src/keep.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { renderConsensus } from '../../src/report/consensus/consensus-text.js';
import { encode } from '../../src/sae/encode.js';
import { openSae } from '../../src/sae/open-sae.js';
import { dSae } from '../../src/sae/sae.js';
import { dot, fromRows, row, rowNorms, zeros } from '../../src/tensor/index.js';
import { knownWorld } from './consensus-worlds.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const world = knownWorld(3);
const options = { kernel, activations: world.x, steps: 40 };
const found = await consensus(world.saes, options);

/** The true feature of each family; −1 where its members are of several, or of none. */
function truthOf({ families }: Consensus, { truth }: typeof world): number[] {
  return families.families.map(({ members }) => {
    const [first, ...rest] = members.map(({ sae, feature }) => truth[sae][feature]);
    return rest.every((one) => one === first) ? first : -1;
  });
}

describe('three SAEs that know three quarters of a world each', () => {
  test('families are the features that two of them know', () => {
    const known = truthOf(found, world);
    expect(known).not.toContain(-1);
    const counts = new Map<number, number>();
    for (const of of world.truth)
      for (const one of of) if (one >= 0) counts.set(one, (counts.get(one) ?? 0) + 1);
    const twice = [...counts].filter(([, count]) => count >= 2);
    expect(new Set(known)).toEqual(new Set(twice.map(([feature]) => feature)));
    found.families.families.forEach(({ members }, f) => {
      expect(members).toHaveLength(counts.get(known[f])!);
    });
  });

  test('the dictionary has one feature of length 1 for each, and keeps more than any SAE cut to its width', () => {
    const { sae, kept, refitted } = found.dictionary!;
    expect(dSae(sae)).toBe(found.families.families.length);
    for (const norm of rowNorms(sae.decoder)) expect(norm).toBeCloseTo(1, 5);
    expect(refitted).toBe(true);
    const { dictionary: own, averaged, cuts, members, rows } = kept!;
    expect(rows.fit + rows.heldOut).toBe(1500);
    expect(own.l0).toBeLessThanOrEqual(4);
    expect(own.explainedVariance).toBeGreaterThan(averaged.explainedVariance);
    // As wide as the SAEs or less, so each of them can be cut.
    for (const kind of ['firing', 'norm', 'random'] as const) {
      expect(own.explainedVariance).toBeGreaterThan(cuts[kind]!.explainedVariance);
      expect(cuts[kind]!.features).toBe(dSae(sae));
    }
    expect(members.map(({ id }) => id)).toEqual(['sae-0', 'sae-1', 'sae-2']);
  });

  test('the same at any number of threads, and when everything is recalled', async () => {
    const other = createPortableKernel({ threads: 3 });
    const memory = new Map<string, unknown>();
    let computed = 0;
    const keep = async <T>(key: Parameters<typeof keyText>[0], compute: () => Promise<T>): Promise<T> => {
      const name = keyText(key);
      if (!memory.has(name)) {
        computed++;
        memory.set(name, structuredClone(await compute()));
      }
      return memory.get(name) as T;
    };
    try {
      const again = await consensus(world.saes, { ...options, kernel: other, keep });
      const once = computed;
      const recalled = await consensus(world.saes, { ...options, keep });
      expect(once).toBeGreaterThan(0);
      expect(computed).toBe(once);
      for (const one of [again, recalled]) {
        expect(one.families).toEqual(found.families);
        expect(one.dictionary).toEqual(found.dictionary);
        expect(one.rest).toEqual(found.rest);
      }
    } finally {
      await other.close();
    }
  });
});

test('without activations pre-activations are averaged, whatever the lengths and biases', async () => {
  const { dictionary, families } = await consensus(world.saes, { kernel });
  const { sae, refitted } = dictionary!;
  expect(refitted).toBe(false);
  // By hand for one row of activations and each family: mean of ‖D_i‖·(W_i·(x − b_d) + b_i).
  const x = row(world.x, 7);
  dictionary!.families.forEach((f, at) => {
    const { members } = families.families[f];
    const expected = members.map(({ sae: s, feature }) => {
      const one = world.saes[s].sae;
      const bias = one.subtractDecoderBias ? dot(row(one.encoder, feature), one.decoderBias) : 0;
      return (
        rowNorms(one.decoder)[feature] * (dot(row(one.encoder, feature), x) + one.encoderBias[feature] - bias)
      );
    });
    const mean = expected.reduce((sum, value) => sum + value, 0) / members.length;
    const own =
      dot(row(sae.encoder, at), x) + sae.encoderBias[at] - dot(row(sae.encoder, at), sae.decoderBias);
    expect(own).toBeCloseTo(mean, 4);
  });
  // The mean decoder bias.
  expect(sae.decoderBias[0]).toBeCloseTo(0.01, 6);
});

test('a member that writes the other way round is turned, and its encoder is left out', async () => {
  const [a, b] = knownWorld(2, 36, 0).saes;
  const turned = { ...b.sae, decoder: zeros(36, 32) };
  b.sae.decoder.data.forEach((value, e) => {
    turned.decoder.data[e] = e < 32 ? -value : value;
  });
  const plain = await consensus([a, b], { kernel });
  const other = await consensus([a, { ...b, sae: turned }], { kernel });
  const familyOf = ({ families: { families } }: Consensus) =>
    families.findIndex(({ members }) => members.some(({ sae, feature }) => sae === 1 && feature === 0));
  const [f, g] = [familyOf(plain), familyOf(other)];
  expect(g).toBeGreaterThanOrEqual(0);
  const [one, two] = [plain.dictionary!, other.dictionary!];
  const [at, bt] = [one.families.indexOf(f), two.families.indexOf(g)];
  const cosine = dot(row(one.sae.decoder, at), row(two.sae.decoder, bt));
  expect(Math.abs(cosine)).toBeCloseTo(1, 5);
  const [{ feature }] = other.families.families[g].members;
  const lone = row(a.sae.encoder, feature).map((value) => value * rowNorms(a.sae.decoder)[feature]);
  row(two.sae.encoder, bt).forEach((value, t) => {
    expect(value).toBeCloseTo(lone[t], 5);
  });
});

test('what is written opens again in both layouts, and encodes as before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-consensus-'));
  try {
    const made = { kernel, createdAt: '2025-01-01T00:00:00.000Z' };
    const result = consensusResult(found, world.saes, made);
    const paths: string[] = [];
    for await (const { path, content } of consensusFiles(found, result, 'a')) {
      paths.push(path);
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    expect(paths).toEqual([
      'saelens/sae_weights.safetensors',
      'saelens/cfg.json',
      'sae.safetensors',
      'families.parquet',
      'consensus.json',
      'report.md',
      'figures/families.svg',
      'figures/families.png',
      'figures/rest.svg',
      'figures/rest.png',
    ]);
    const expected = await encode(found.dictionary!.sae, world.x, kernel);
    for (const path of ['saelens', 'sae.safetensors']) {
      const { sae } = await openSae(join(folder, path));
      expect(await encode(sae, world.x, kernel)).toEqual(expected);
      expect(sae.decoder.data).toEqual(found.dictionary!.sae.decoder.data);
    }
    const text = renderConsensus(result);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain('The dictionary');
    const pieces: Uint8Array[] = [];
    for await (const { path, content } of consensusFiles(found, result, 'a')) {
      if (path !== 'families.parquet') continue;
      for await (const piece of content as AsyncIterable<Uint8Array>) pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    });
    const { families } = found.families;
    expect(rows).toHaveLength(families.reduce((sum, { members }) => sum + members.length, 0));
    const [first] = families;
    expect(rows[0]).toMatchObject({
      family: 0,
      sae: 'sae-0',
      feature: first.members[0].feature,
      support: 3,
      agreement: first.agreement,
      q: first.q,
      dictionary: 0,
    });
    // The rows that are named are those with the largest codes.
    const codes = await encode(world.saes[0].sae, world.x, kernel);
    let [best, at] = [0, -1];
    for (let n = 0; n < codes.rows; n++) {
      for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
        if (codes.indices[e] === first.members[0].feature && codes.values[e] > best)
          [best, at] = [codes.values[e], n];
      }
    }
    expect(Number(String(rows[0]['examples']).split(',')[0])).toBe(at);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('what the rest is', () => {
  test('features of their own are told from those that are families, and none is dead', () => {
    const { rest } = found;
    expect(rest.features).toBe(144);
    const inFamilies = found.families.families.reduce((sum, { members }) => sum + members.length, 0);
    expect(rest.without).toBe(144 - inFamilies);
    expect(rest.shares.find(({ kind }) => kind === 'dead')!.share).toBeLessThan(0.2);
  });

  test('sums of three stable features are composed, and directions at random are not', async () => {
    const { saes } = knownWorld(2, 48, 48);
    const [a, b] = saes;
    const mixed = {
      ...a.sae,
      decoder: fromRows(Array.from({ length: 96 }, (_, i) => [...row(a.sae.decoder, i)])),
    };
    for (let i = 48; i < 96; i++) {
      const to = row(mixed.decoder, i);
      const parts = [i % 48, (i * 5 + 7) % 48, (i * 11 + 3) % 48].map((at) => row(a.sae.decoder, at));
      for (let t = 0; t < 32; t++) to[t] = parts.reduce((sum, part) => sum + part[t], 0);
    }
    const shareOf = async (all: typeof saes) =>
      (await consensus(all, { kernel })).rest.shares.find(({ kind }) => kind === 'composed')!;
    const [composed, plain] = [await shareOf([{ ...a, sae: mixed }, b]), await shareOf(saes)];
    // Of the 96 features without a family half are sums.
    expect(composed.share).toBeGreaterThan(0.4);
    expect(plain.share).toBeLessThan(0.2);
  });
});

describe('what is refused, and what there is no dictionary of', () => {
  const [a, b] = world.saes;
  const refused = (saes: typeof world.saes, more = {}) => consensus(saes, { kernel, ...more });

  test('one SAE, SAEs of different width, weights that are not finite', async () => {
    await expect(refused([a])).rejects.toMatchObject({ code: 'usage.argument' });
    const narrow = { id: 'narrow', sae: { ...b.sae, encoder: zeros(4, 8), decoder: zeros(4, 8) } };
    await expect(refused([a, narrow])).rejects.toMatchObject({ code: 'input.shape' });
    const broken = zeros(48, 32);
    broken.data.set(b.sae.decoder.data);
    broken.data[5] = Number.NaN;
    await expect(refused([a, { ...b, sae: { ...b.sae, decoder: broken } }])).rejects.toThrow(
      /1 NaN, 0 infinite/,
    );
  });

  test('a support that no family can have, codes without activations, activations of another width or without rows', async () => {
    await expect(refused([a, b], { support: 3 })).rejects.toThrow(/2 … 2, the number of SAEs/);
    await expect(refused([a, b], { by: 'codes' })).rejects.toThrow(/--activations/);
    await expect(refused([a, b], { activations: zeros(10, 8) })).rejects.toMatchObject({
      code: 'input.shape',
    });
    await expect(refused([a, b], { activations: zeros(0, 32) })).rejects.toMatchObject({
      code: 'input.shape',
    });
  });

  test('families there are without a dictionary: of transcoders, of ReLU without activations, of different norms', async () => {
    const without = async (change: Partial<typeof a.sae>, both = true) => {
      const all = [a, b].map((one, s) =>
        both || s === 0 ? { ...one, sae: { ...one.sae, ...change } } : one,
      );
      const { noDictionary, families } = await refused(all);
      expect(families.families.length).toBeGreaterThan(20);
      return noDictionary;
    };
    expect(await without({ transcoder: true })).toBe('transcoders');
    expect(await without({ activation: { kind: 'relu' } })).toBe('sparsity-unknown');
    expect(await without({ inputNorm: 'layer-norm' }, false)).toBe('inputs-differ');
    expect(await without({ activation: { kind: 'unknown' } })).toBe('unknown-codes');
    const { dictionary } = await refused(
      [a, b].map((one) => ({ ...one, sae: { ...one.sae, activation: { kind: 'relu' } as const } })),
      { k: 4 },
    );
    expect(dictionary!.sae.activation).toEqual({ kind: 'topk', k: 4, relu: true });
  });

  test('nothing in common is no family, and no dictionary', async () => {
    const { saes, x } = knownWorld(2, 0, 48);
    const none = await consensus(saes, { kernel, activations: x });
    expect(none).toMatchObject({ noDictionary: 'no-families', families: { families: [] } });
    const text = renderConsensus(consensusResult(none, saes, { kernel, createdAt: '2025-01-01' }));
    expect(text).toContain('No family');
  });

  test('rows that are all the same explain nothing, and nothing is not a number', async () => {
    const { saes } = knownWorld(2);
    const same = { rows: 60, cols: 32, data: new Float32Array(60 * 32).fill(0.3) };
    const { dictionary } = await consensus(saes, { kernel, activations: same, support: 2, steps: 3 });
    for (const { explainedVariance } of dictionary?.kept?.members ?? []) expect(explainedVariance).toBe(0);
    expect(dictionary?.kept?.members.length ?? 0).toBe(2);
  });

  test('few rows: an SAE is averaged, and nothing is held out', async () => {
    const { saes } = knownWorld(2);
    const few = { rows: 3, cols: 32, data: world.x.data.slice(0, 96) };
    const { dictionary } = await consensus(saes, { kernel, activations: few });
    expect(dictionary?.kept).toBeUndefined();
  });
});

test('rows are held out in blocks of neighbours, a fifth of them, none twice, and no more than fit into memory', () => {
  const { fit, heldOut } = splitOf(10_000, 64);
  expect(fit.length + heldOut.length).toBe(10_000);
  expect(heldOut.length / 10_000).toBeCloseTo(0.2, 2);
  expect(new Set([...fit, ...heldOut]).size).toBe(10_000);
  expect(Array.from(heldOut.subarray(0, 64))).toEqual(Array.from({ length: 64 }, (_, n) => 128 + n));
  const large = splitOf(1_000_000, 2048);
  expect(large.fit.length * 2048).toBeLessThanOrEqual(2 ** 26);
  expect(large.fit.length).toBeGreaterThan(2 ** 26 / 2048 - 64);
  expect(large.fit.at(-1)).toBeGreaterThan(900_000);
});

// Comparing SAEs in memory: what is planted is found, and bad input is a clear message or a finding, never a NaN.
import { afterAll, describe, expect, it } from 'vitest';
import { type ComparedSae, type CompareOptions, compare } from '../../src/compare/compare.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import { decode, encode } from '../../src/sae/encode.js';
import type { Sae } from '../../src/sae/sae.js';
import { fromDense, fromRows, Rng, zeros } from '../../src/tensor/index.js';
import { changed, planted, plantedActivations, plantedSae } from '../study/planted-saes.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const named = (saes: readonly Sae[]): ComparedSae[] => saes.map((sae, i) => ({ id: `sae${i}`, sae }));
const three = named([0, 1, 2].map((n) => plantedSae(n)));
const createdAt = '2025-01-02T03:04:05.000Z';

/** Compares, and holds the results against their schema, which knows no NaN. */
async function compared(saes: readonly ComparedSae[], options: Partial<CompareOptions> = {}) {
  const { results, features } = await compare(saes, { kernel, draws: 2, createdAt, ...options });
  const text = serializeResults(results);
  expect(text).not.toMatch(/: (null|NaN|-?Infinity)\b/);
  const [group] = results.groups;
  const finding = (id: string) => group.findings.find((f) => f.id === id);
  return { results, features, group, finding, text };
}

describe('SAEs that share half of their features', () => {
  it('are told so by every score of weights and codes, and feature by feature', async () => {
    const { group, features, results } = await compared(three, { activations: plantedActivations() });
    expect(results.groups).toHaveLength(1);
    expect(results.saes.map((s) => [s.id, s.format, s.dModel, s.dSae, s.usage.live])).toEqual(
      three.map(({ id }, i) => [id, 'memory', 16, 48, results.saes[i].usage.live]),
    );
    for (const id of ['decoder.max', 'decoder.max.live', 'activation.max', 'activation.max.live'] as const) {
      expect(group.metrics[id]?.corrected).toBeGreaterThan(0.35);
      expect(group.metrics[id]?.pairs).toHaveLength(3);
    }
    expect(['partly', 'reproducible']).toContain(group.conclusion.verdict);
    for (const { sae, scored, inEvery, inEvery09, inNone } of group.stability ?? []) {
      expect(sae).toMatch(/^sae\d$/);
      expect(scored).toBe(planted.features);
      expect(inEvery09).toBeGreaterThanOrEqual(planted.shared);
      // A few false ones are let in.
      expect(inEvery).toBeLessThan(planted.shared + 6);
      expect(inEvery + inNone).toBeLessThanOrEqual(scored);
    }
    expect(features?.summaries[0].stability.slice(0, planted.shared).every((s) => s === 1)).toBe(true);
  });

  it('give the same results whatever the seed of a process, and others for other seeds of the nulls', async () => {
    const x = plantedActivations(60);
    const [one, same, other] = [
      await compared(three, { activations: x }),
      await compared(three, { activations: x }),
      await compared(three, { activations: x, seed: 1 }),
    ];
    expect(same.text).toBe(one.text);
    const level = ({ group }: typeof one) => group.metrics['activation.max']?.null?.mean;
    expect(level(other)).not.toBe(level(one));
    expect(other.group.metrics['activation.max']?.mean).toBe(one.group.metrics['activation.max']?.mean);
  });

  it('are the same with codes as with the activations that make them', async () => {
    const x = plantedActivations(60);
    const { group } = await compared(three, { activations: x });
    const withCodes = await Promise.all(
      three.map(async (one) => {
        return { ...one, codes: await encode(one.sae, x, kernel) };
      }),
    );
    const again = await compared(withCodes);
    expect(again.group.metrics['activation.max']).toEqual(group.metrics['activation.max']);
    expect(again.group.activations).toBeUndefined();
  });

  it('of different widths are compared', async () => {
    const wide = plantedSae(3, { ...planted, features: 60 });
    const { group } = await compared(named([plantedSae(0), wide]));
    expect(group.metrics['decoder.max']?.pairs[0]).toMatchObject({ a: 'sae0', b: 'sae1' });
    expect(group.metrics['decoder.max']).not.toHaveProperty('interval');
    expect(group.stability?.map((s) => s.scored)).toEqual([48, 60]);
  });

  it('with known starts are held against them', async () => {
    const withInit = three.map((one, i) => ({ ...one, init: plantedSae(i + 50, { ...planted, shared: 0 }) }));
    const { group, results, features } = await compared(withInit);
    expect(group.metrics['displacement.max']).toBeDefined();
    expect(results.saes[0].init?.cosineMedian).toBeLessThan(0.5);
    expect(features?.summaries[0].initCosine).toHaveLength(48);
  });
});

describe('SAEs that are damaged', () => {
  it('NaN in some rows: the SAE is named by a finding and left out of the scores', async () => {
    const broken = changed(plantedSae(1), ({ decoder }) => decoder.data.fill(Number.NaN, 0, 32));
    const { group, finding, results } = await compared(named([plantedSae(0), broken, plantedSae(2)]), {
      activations: plantedActivations(60),
    });
    expect(finding('numerics.non-finite')).toMatchObject({ verdict: 'supported', severity: 'fail' });
    expect(group.metrics['decoder.max']?.pairs.map(({ a, b }) => [a, b])).toEqual([['sae0', 'sae2']]);
    expect(results.saes[1].numerics.nan).toBe(32);
    expect(group.stability?.map((s) => s.sae)).toEqual(['sae0', 'sae2']);
  });

  it('NaN and infinity in all but one, or in all: nothing can be compared, and that is said', async () => {
    const broken = changed(plantedSae(1), ({ encoder }) => encoder.data.fill(Number.POSITIVE_INFINITY));
    for (const saes of [
      [plantedSae(0), broken],
      [broken, broken],
    ]) {
      const { group, features } = await compared(named(saes), { activations: plantedActivations(60) });
      expect(group.conclusion).toMatchObject({ verdict: 'cannot-tell', obstacle: 'nothing-to-compare' });
      expect(group.metrics).toEqual({});
      expect(features).toBeUndefined();
    }
  });

  it('rows of length zero: counted, left out, and not in the table of features', async () => {
    const holed = changed(plantedSae(1), ({ decoder }) => decoder.data.fill(0, 0, 5 * decoder.cols));
    const { group, finding, features } = await compared(named([plantedSae(0), holed]));
    expect(finding('numerics.zero-features')).toMatchObject({ verdict: 'supported' });
    expect(group.metrics['decoder.max']?.leftOut).toBe(5);
    expect(features?.matches.map((m) => m.features.length)).toEqual([48, 43]);
    expect(group.stability?.[1].scored).toBe(43);
  });

  it('no row with a length at all', async () => {
    const empty = changed(plantedSae(1), ({ decoder, encoder }) => {
      decoder.data.fill(0);
      encoder.data.fill(0);
    });
    for (const saes of [
      [plantedSae(0), empty],
      [empty, empty],
    ]) {
      const { group, features } = await compared(named(saes), { activations: plantedActivations(60) });
      expect(group.conclusion.verdict).toBe('cannot-tell');
      expect(features).toBeUndefined();
    }
  });

  it('all features dead on the activations: a finding, and no verdict', async () => {
    const dead = changed(plantedSae(1), ({ encoderBias }) => encoderBias.fill(-1e6));
    for (const saes of [
      [plantedSae(0), dead],
      [dead, dead, dead],
    ]) {
      const { group, finding } = await compared(named(saes), { activations: plantedActivations(60) });
      expect(group.conclusion).toMatchObject({ verdict: 'cannot-tell', obstacle: 'nothing-live' });
      expect(finding('usage.dead-by-firing')).toMatchObject({ verdict: 'supported', severity: 'fail' });
    }
  });

  it('activations that are all the same row, or zero', async () => {
    const same = plantedActivations(1);
    const repeated = { ...zeros(30, same.cols), data: new Float32Array(30 * same.cols) };
    for (let n = 0; n < 30; n++) repeated.data.set(same.data, n * same.cols);
    for (const activations of [repeated, zeros(30, same.cols), same]) {
      const { group } = await compared(three, { activations });
      expect(group.conclusion.verdict).toBe('cannot-tell');
      expect(group.activations?.distinctRows).toBe(1);
    }
  });
});

describe('input that cannot be compared', () => {
  const narrow = plantedSae(3, { ...planted, d: 12 });
  const x = plantedActivations(20);
  const notFinite = { ...x, data: x.data.slice() };
  notFinite.data[37] = Number.NaN;
  const cut = changed(plantedSae(1), (sae) => {
    (sae as { decoderBias: Float32Array }).decoderBias = new Float32Array(3);
  });

  it.each([
    [
      'one SAE only',
      named([plantedSae(0)]),
      {},
      'usage.argument',
      /saes: there is nothing to compare with; found 1 SAE/,
    ],
    ['none', [], {}, 'usage.argument', /found 0 SAEs; expected at least two/],
    ['one id twice', [three[0], three[0]], {}, 'usage.argument', /sae0: two SAEs have one id/],
    ['one draw', three, { draws: 1 }, 'usage.argument', /draws/],
    [
      'different d_model',
      [...three, { id: 'narrow', sae: narrow, origin: { format: 'saelens', path: 'a/b' } }],
      {},
      'input.shape',
      /a\/b, narrow: .*found d_model 12; expected d_model 16, as in sae0/,
    ],
    [
      'weights that do not fit together',
      named([plantedSae(0), cut]),
      {},
      'input.shape',
      /sae1: .*do not fit.*\[3\]; expected .*\[16\]/,
    ],
    [
      'a start of another shape',
      [three[0], { ...three[1], init: plantedSae(1, { ...planted, features: 40 }) }],
      {},
      'input.shape',
      /sae1: initial weights have another shape/,
    ],
    [
      'codes of other features',
      [three[0], { ...three[1], codes: fromDense([[1, 0]]) }],
      {},
      'input.shape',
      /sae1: codes are of another number of features; found 2 features; expected 48/,
    ],
    [
      'activations of the wrong width',
      three,
      { activations: zeros(5, 12), activationsFile: 'x.npy' },
      'input.shape',
      /x\.npy, activations: .*found \[5 × 12\]; expected \[rows × 16\]/,
    ],
    [
      'no activations',
      three,
      { activations: zeros(0, 16) },
      'input.shape',
      /found \[0 × 16\].*at least one row/,
    ],
    [
      'NaN in the activations',
      three,
      { activations: notFinite },
      'input.non-finite',
      /activations, row 2, column 5: .*finite numbers; found NaN/,
    ],
  ] as const)('%s', async (_, saes, options, code, message) => {
    const error = await compare(saes as ComparedSae[], { kernel, draws: 2, ...options }).catch((e) => e);
    expect(error).toMatchObject({ name: 'ReseedError', code });
    expect(error.message).toMatch(message);
  });
});

describe('SAEs that are made of parts', () => {
  // Two models side by side: of the first all features are the same in every SAE, of the second none.
  const [features, d] = [24, 8];
  const crosscoder = (seed: number): Sae => {
    const [common, own] = [new Rng(1), new Rng(100 + seed)];
    const decoder = zeros(features, 2 * d);
    for (let i = 0; i < features; i++) {
      for (let j = 0; j < d; j++) decoder.data[i * 2 * d + j] = common.normal();
      for (let j = d; j < 2 * d; j++) decoder.data[i * 2 * d + j] = own.normal();
    }
    return {
      architecture: 'crosscoder',
      activation: { kind: 'relu' },
      encoder: decoder,
      encoderBias: new Float32Array(features),
      decoder,
      decoderBias: new Float32Array(2 * d),
      subtractDecoderBias: false,
      parts: ['model 0', 'model 1'],
    };
  };

  it('are compared as a whole and part by part', async () => {
    const { results } = await compared(named([0, 1, 2].map(crosscoder)));
    expect(results.groups.map(({ id, label }) => [id, label])).toEqual([
      ['compare', undefined],
      ['compare/model 0', 'model 0'],
      ['compare/model 1', 'model 1'],
    ]);
    const [whole, first, second] = results.groups.map(({ metrics }) => metrics['decoder.max']!);
    expect(first.mean).toBeCloseTo(1, 6);
    expect(second.corrected).toBeLessThan(0.15);
    // What a feature reads is made of the same parts.
    expect(results.groups.map(({ metrics }) => (metrics['encoder.max']?.mean ?? 0) > 0.999)).toEqual([
      false,
      true,
      false,
    ]);
    expect(whole.mean).toBeLessThan(first.mean);
    expect(whole.corrected).toBeGreaterThan(second.corrected! + 0.1);
    expect(results.saes.map(({ id, dModel }) => [id, dModel])).toContainEqual(['sae1/model 1', d]);
    expect(results.saes).toHaveLength(9);
  });
});

describe('transcoders', () => {
  const d = 16;
  const transcoder = (seed: number): Sae => ({
    ...plantedSae(seed),
    transcoder: true,
    skip: { rows: d, cols: d, data: Float32Array.from({ length: d * d }, (_, e) => ((e * 7) % 11) / 11) },
  });
  const x = plantedActivations();

  it('have a fit on what they should write, and none on what they read', async () => {
    const saes = named([0, 1].map(transcoder));
    const targets = decode(saes[0].sae, await encode(saes[0].sae, x, kernel), x);
    const { results } = await compared(saes, { activations: x, targets });
    expect(results.saes[0].fit?.explainedVariance).toBeCloseTo(1, 8);
    expect(results.saes[1].fit?.explainedVariance).toBeLessThan(0.99);
    const alone = await compared(saes, { activations: x });
    expect(alone.results.saes[0].fit).toBeUndefined();
  });

  it('may write another width than they read', async () => {
    const narrow = (seed: number): Sae => {
      const { skip: _, ...sae } = transcoder(seed);
      const rows = Array.from({ length: sae.decoder.rows }, (_, i) => [
        ...sae.decoder.data.subarray(i * d, i * d + 6),
      ]);
      return { ...sae, decoder: fromRows(rows), decoderBias: new Float32Array(6) };
    };
    const saes = named([0, 1].map(narrow));
    const { group, results } = await compared(saes, { activations: x, targets: zeros(x.rows, 6) });
    expect(group.metrics['activation.max']).toBeDefined();
    expect(results.saes[0].fit?.mse).toBeGreaterThan(0);
  });

  it.each([
    ['of another width', [0, 1].map(transcoder), zeros(x.rows, 5), /targets, of sae0.*\[\d+ × 5\]/],
    ['of other rows', [0, 1].map(transcoder), zeros(3, d), /targets: .*found \[3 × 16\]/],
    ['for SAEs of their input', [0, 1].map((n) => plantedSae(n)), zeros(x.rows, d), /no transcoder among/],
  ])('refuse targets %s', async (_, saes, targets, message) => {
    await expect(compared(named(saes), { activations: x, targets })).rejects.toThrow(message);
  });
});

// What each metric says of itself, in one table; and that what nulls draw for it is scored like the SAEs themselves.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { contextOf } from '../../src/metrics/context.js';
import { decoderSets } from '../../src/metrics/decoder-max.js';
import type { Compares, Metric } from '../../src/metrics/metric.js';
import { type MetricId, metricOf, metrics } from '../../src/metrics/registry.js';
import type { Work } from '../../src/metrics/work.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, type Matrix, Rng, takeRows, unitRows, zeros } from '../../src/tensor/index.js';
import { member } from './fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function compared(compares: Compares): string {
  if (compares.of === 'subspaces') return `${compares.of} of ${compares.rank}`;
  if (compares.of === 'decoder-and-encoder') return compares.of;
  if (compares.of === 'codes') return `codes (${compares.population}), ${compares.by}`;
  return [compares.of, compares.by, ...(compares.precision ? [`to ${compares.precision}`] : [])].join(', ');
}

function calls({ perPair = {}, perSae, perGroup }: Work): string {
  expect([perSae, perGroup]).toEqual([undefined, undefined]);
  return Object.entries(perPair).flat().join(' ') || '–';
}

/** Whether signs count, and what planted dictionaries are to give. */
function controlled({ control }: Metric): string {
  if (!control) return 'no score is known';
  // ¼ of the decoder rows and ½ of the encoder rows in common; in three dimensions one other row is as near as ½.
  const parts = { decoder: 0.25, encoder: 0.5, features: 1, width: 3 };
  const scores = { pairs: [{ value: 0.3 }], matches: [{ aToB: { best: [0.4] } }] };
  const planted = control.planted?.(scores as never, parts).expected;
  return [
    control.signless ? 'signs do not count' : 'signs count',
    ...(planted ? [planted.toFixed(3)] : []),
  ].join(', ');
}

test('the table of all metrics', () => {
  const rows = (metrics as readonly Metric<MetricId>[]).map((metric) => [
    `${metric.id} v${metric.version}`,
    metric.family,
    metric.words.short,
    compared(metric.compares),
    metric.needs.join(' ') || '–',
    // What corrects it, and the levels that are the same for several; where there is no formula, sets are drawn.
    `${metric.null}: ${metric.chance?.name ?? 'drawn'}`,
    controlled(metric),
    // Kernel calls for a pair beyond those of the metrics before it.
    calls(metric.work),
  ]);
  const [directions, best] = ['random-directions', 'random-directions: best-match'];
  const [both, signed] = ['signs do not count', 'signs count'];
  expect(rows).toEqual([
    ['decoder.max v1', 'decoder', 'decoder, all', 'directions, best', '–', best, `${both}, 0.625`, 'match 1'],
    ['decoder.max.live v1', 'decoder', 'decoder, live', 'directions, best', 'codes', best, both, '–'],
    [
      'decoder.matched v2',
      'decoder',
      'decoder, 1:1',
      'directions, whole',
      '–',
      `${directions}: one-to-one`,
      `${signed}, 0.250`,
      'assign 1',
    ],
    [
      'decoder.matched.abs v2',
      'decoder',
      'decoder, 1:1 abs',
      'directions, whole',
      '–',
      `${directions}: one-to-one, absolute`,
      both,
      'assign 1',
    ],
    [
      'decoder.jaccard v1',
      'decoder',
      'decoder, neighbours',
      'directions, whole, to 0.002',
      '–',
      `${directions}: drawn`,
      both,
      'match 0.5',
    ],
    ['encoder.max v1', 'encoder', 'encoder, all', 'directions, best', '–', best, `${both}, 0.750`, 'match 1'],
    [
      'encoder.matched v2',
      'encoder',
      'encoder, 1:1',
      'directions, whole',
      '–',
      `${directions}: one-to-one`,
      `${signed}, 0.500`,
      'assign 1',
    ],
    [
      'shared v1',
      'shared',
      'shared',
      'decoder-and-encoder',
      '–',
      `${directions}: shared, strict`,
      `${signed}, 0.250`,
      '–',
    ],
    [
      'shared.lenient v1',
      'shared',
      'shared, lenient',
      'decoder-and-encoder',
      '–',
      `${directions}: shared, lenient`,
      'no score is known',
      '–',
    ],
    [
      'activation.max v1',
      'activation',
      'activation, all',
      'codes (all), best',
      'codes',
      'row-permutation: drawn',
      'no score is known',
      'coFire 1',
    ],
    [
      'activation.max.live v1',
      'activation',
      'activation, live',
      'codes (live), best',
      'codes',
      'row-permutation: drawn',
      both,
      '–',
    ],
    [
      'activation.matched.live v1',
      'activation',
      'activation, 1:1 live',
      'codes (live), one-to-one',
      'codes',
      'row-permutation: drawn',
      signed,
      'assignCodes 1',
    ],
    ...[8, 16, 32, 64].map((rank) => [
      `subspace.${rank} v1`,
      'subspace',
      `subspace, ${rank}`,
      `subspaces of ${rank}`,
      '–',
      `random-subspaces: subspace, ${rank}`,
      both,
      '–',
    ]),
    [
      'displacement.max v1',
      'displacement',
      'displacement, all',
      'directions, best',
      'init',
      best,
      'no score is known',
      'match 1',
    ],
  ]);
});

function random(...stream: (string | number)[]): Matrix {
  const out = zeros(12, 10);
  new Rng(3, 'test', ...stream).fillNormal(out.data);
  return out;
}

/** Three SAEs of 12 features in 10 dimensions, each with one that never fires, and not the same one. */
const members = ['a', 'b', 'c'].map((id, dead): Member => {
  const rng = new Rng(5, id);
  const codes = fromDense(
    Array.from({ length: 40 }, () =>
      Array.from({ length: 12 }, (_, i) => (i === dead || rng.below(3) > 0 ? 0 : 1 + rng.uniform())),
    ),
  );
  const plain = member(id, random(id, 'decoder'), codes, random(id, 'init'));
  return { ...plain, sae: { ...plain.sae, encoder: random(id, 'encoder') } };
});

test('every metric measures the same alone and beside all others, under its own name', async () => {
  const shared = contextOf(members, kernel);
  const values = new Map<string, string>();
  for (const metric of metrics as readonly Metric<MetricId>[]) {
    const alone = await metric.measure(contextOf(members, kernel));
    expect(await metric.measure(shared), metric.id).toEqual(alone);
    if (!alone) continue;
    expect(alone).toMatchObject({ id: metric.id, members: ['a', 'b', 'c'] });
    values.set(metric.id, alone.pairs.map(({ value }) => value).join());
  }
  // Ten dimensions have no larger subspace; all other scores are there, and no two the same.
  const absent = metrics.map(({ id }) => id).filter((id) => !values.has(id));
  expect(absent).toEqual(['subspace.16', 'subspace.32', 'subspace.64']);
  expect(new Set(values.values()).size).toBe(values.size);
});

test('what is compared once is not compared again for another metric', async () => {
  let asked = 0;
  const counting = {
    ...kernel,
    bestMatches: (...of: Parameters<typeof kernel.bestMatches>) => {
      asked++;
      return kernel.bestMatches(...of);
    },
  };
  const context = contextOf(members, counting);
  const scores = await metricOf('decoder.max').measure(context);
  expect(await metricOf('decoder.max').measure(context)).toBe(scores);
  expect(asked).toBe(3);
});

test('two sets of rows, as nulls draw them, score what the SAEs score that have them', async () => {
  for (const { id, compares, measure } of metrics as readonly Metric<MetricId>[]) {
    if (compares.of !== 'directions') continue;
    const scores = (await measure(contextOf(members, kernel)))!;
    const units = compares
      .sets(members)!
      .map(({ rows, features }) => unitRows(features ? takeRows(rows, features) : rows).unit);
    expect(
      units.map(({ rows }) => rows),
      id,
    ).toEqual(scores.widths);
    const ways = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    for (const [at, [i, j]] of ways.entries())
      expect(await compares.score(units[i], units[j], kernel, {}), id).toBeCloseTo(
        scores.pairs[at].value,
        12,
      );
  }
});

test('live rows are those of the features that fire: all of them where all do, unknown without codes', () => {
  const [a, b] = members;
  const sets = decoderSets(members, true)!;
  expect(sets.map(({ features }) => features?.length)).toEqual([11, 11, 11]);
  expect(sets[1].features).not.toContain(1);
  const firing = { counts: new Int32Array(12).fill(1), rows: 40 };
  expect(decoderSets([{ ...a, firing }, b], true)![0]).toEqual({ id: 'a', rows: a.sae.decoder });
  const { codes: _, ...bare } = a;
  expect(decoderSets([b, bare], true)).toBeUndefined();
  expect(decoderSets([b, bare], false)).toHaveLength(2);
});

test('displacements are known where every start is', () => {
  const { compares } = metricOf('displacement.max');
  const { init: _, ...bare } = members[0];
  if (compares.of !== 'directions') throw new Error('not of directions');
  expect(compares.sets([members[1], bare])).toBeUndefined();
});

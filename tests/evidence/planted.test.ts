// End to end on planted groups: one artefact at a time, and the diagnosis must name that one.
import { deserialize, serialize } from 'node:v8';
import { afterAll, describe, expect, test } from 'vitest';
import { diagnose, type Evidence, examine, type FindingId, topCause } from '../../src/diagnosis/index.js';
import { type Keep, type Key, keyText } from '../../src/keep.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { metricIds } from '../../src/metrics/registry.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, Rng, row } from '../../src/tensor/index.js';
import { type Planted, planted, reordered } from './planted.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const options = { kernel, seed: 3, draws: 4 };

const alarms = (evidence: Evidence): FindingId[] =>
  diagnose(evidence)
    .findings.filter((f) => f.severity !== 'info')
    .map((f) => f.id);

const summary = (evidence: Evidence) => {
  const { findings, cause, verdict } = diagnose(evidence);
  return {
    findings: findings.map((f) => `${f.id} ${f.verdict} ${f.severity}`),
    cause: cause.map((c) => `${c.finding} ${c.metric} ${c.behind} ${c.explained.toFixed(1)}`),
    verdict: `${verdict.verdict} ${verdict.deciding?.metric}`,
  };
};

const fewRows = { distinct: 16, live: 16 };
const cases: Record<string, Planted> = {
  healthy: planted(),
  'few rows': planted(fewRows),
  unmoved: planted({ step: 0.3 }),
};

test('a healthy group: no alarm, no cause, reproducible', async () => {
  const evidence = await examine(cases.healthy, options);
  expect(alarms(evidence)).toEqual([]);
  expect(diagnose(evidence)).toMatchObject({ cause: [], verdict: { verdict: 'reproducible' } });
  expect(evidence.activations).toMatchObject({ rows: 2000, distinctRows: 2000 });
  expect(evidence.members[0].fit?.explainedVariance).toBeGreaterThan(0.9);
});

test('every metric is measured against its own null, and the assignment behind one is kept', async () => {
  const { metrics, matching } = await examine(cases.healthy, options);
  // Decoders of 32 dimensions have no subspace of 32 to compare.
  const absent = ['subspace.32', 'subspace.64'];
  expect(new Set(Object.keys(metrics))).toEqual(new Set(metricIds.filter((id) => !absent.includes(id))));
  for (const metric of Object.values(metrics)) {
    expect(metric.n).toBe(6);
    expect(metric.interval).toBeDefined();
    // What training changed is the truth minus a start that differs from SAE to SAE.
    expect(metric.corrected).toBeGreaterThan(metric.id === 'displacement.max' ? 0.1 : 0.5);
  }
  expect(metrics.shared?.mean).toBe(1);
  expect(metrics['subspace.8']?.null?.kind).toBe('random-subspaces');
  expect(matching).toHaveLength(6);
  for (const { aToB } of matching ?? []) {
    expect(new Set(aToB.partner).size).toBe(64);
    expect(Math.min(...aToB.best)).toBeGreaterThan(0.9);
  }
});

test('a control that fails ends the run', async () => {
  const broken: Kernel = {
    ...kernel,
    assign: async (a, b, o) => {
      const right = await kernel.assign(a, b, o);
      return { ...right, value: right.value.map((v) => 0.99 * v) };
    },
  };
  await expect(examine(cases.healthy, { ...options, kernel: broken })).rejects.toMatchObject({
    code: 'internal.control',
  });
});

test('few distinct rows: dead features are the first cause, the rows behind them', async () => {
  const evidence = await examine(cases['few rows'], options);
  const { cause, verdict } = diagnose(evidence);
  expect(evidence.activations?.distinctRows).toBe(16);
  expect(evidence.members[0].usage).toEqual({
    live: 16,
    deadByFiring: 48,
    alwaysOn: 0,
    deadByNorm: 0,
  });
  expect(evidence.members[0].init).toMatchObject({ cosineMedianDead: 1, unmoved: 48 });
  // On so few rows chance is higher than on all their copies.
  const thinned = evidence.counterfactual.find(
    (c) => c.removed.length === 2 && c.headline === 'activation.max',
  );
  expect(thinned?.measured.null?.mean).toBeGreaterThan(
    (evidence.metrics['activation.max.live']?.null?.mean ?? 1) + 0.1,
  );
  const { live = [], dead = [], edges } = evidence.members[0].init?.cosineHistogram ?? {};
  expect(edges).toHaveLength(live.length + 1);
  expect(live.reduce((a, b) => a + b)).toBe(16);
  expect(dead.at(-1)).toBe(48);
  expect(cause[0]).toMatchObject({ finding: 'usage.dead-by-firing', behind: 'data.distinct-rows' });
  expect(cause[0].explained).toBeGreaterThanOrEqual(0.8);
  expect(cause.map((c) => c.finding)).not.toContain('training.init-drift');
  expect(alarms(evidence)).toEqual(
    expect.arrayContaining(['data.distinct-rows', 'usage.dead-by-firing', 'usage.norm-is-not-usage']),
  );
  // What the few rows have comes back, and it is no more than that.
  expect(verdict).toMatchObject({ verdict: 'partly', upTo: evidence.activations?.distinctRows });
});

test('decoders that never left their start, all live: that is the cause, not dead features', async () => {
  const evidence = await examine(cases.unmoved, options);
  const { cause, verdict } = diagnose(evidence);
  expect(cause.map((c) => [c.finding, c.metric])).toEqual([['training.init-drift', 'decoder.max']]);
  expect(cause[0].explained).toBeGreaterThanOrEqual(0.8);
  expect(alarms(evidence)).toEqual(['training.init-drift', 'training.unfinished', 'metric.disagreement']);
  expect(verdict).toMatchObject({ verdict: 'reproducible', deciding: { metric: 'displacement.max' } });
});

test('dead features over codes that are unrelated: diluted, and not beyond chance', async () => {
  const evidence = await examine(planted({ live: 16, unrelatedCodes: true, init: false }), options);
  const codes = evidence.metrics['activation.max.live'];
  expect(Math.abs(codes?.corrected ?? 1)).toBeLessThan(0.05);
  expect(diagnose(evidence).cause).toContainEqual(
    expect.objectContaining({ finding: 'usage.dead-by-firing', metric: 'activation.max', scale: 'raw' }),
  );
});

test('one SAE with NaN is counted and left out; the others are measured', async () => {
  const { members, ...group } = planted({ saes: 3 });
  members[1].sae.decoder.data[5] = Number.NaN;
  members[1].sae.encoder.data[6] = Number.POSITIVE_INFINITY;
  const evidence = await examine({ ...group, members }, options);
  expect(evidence.members[1].numerics).toEqual({ nan: 2, inf: 2, zeroFeatures: 0 });
  expect(evidence.metrics['decoder.max']?.pairs.map((p) => p.a + p.b)).toEqual(['s0s2']);
  expect(alarms(evidence)).toEqual(['numerics.non-finite']);
  expect(JSON.stringify(evidence)).not.toContain('null,');
});

test('initial weights that are NaN count as unknown', async () => {
  const { members, ...group } = planted({ saes: 2 });
  members[0].init!.decoder.data[3] = Number.NaN;
  const evidence = await examine({ ...group, members }, options);
  expect(evidence.members.map((m) => m.init !== undefined)).toEqual([false, true]);
  expect(evidence.metrics['displacement.max']).toBeUndefined();
});

test('weights alone: what needs activations or init says so, and the decoders are still compared', async () => {
  const bare = cases.healthy.members.map(({ id, sae }): Member => ({ id, sae }));
  const evidence = await examine({ id: 'bare', members: bare }, options);
  const { findings, verdict } = diagnose(evidence);
  const needs = new Set(findings.filter((f) => f.verdict === 'inconclusive').flatMap((f) => f.needs ?? []));
  expect(needs).toEqual(new Set(['activations', 'init', 'training']));
  expect(Object.keys(evidence.metrics)).toEqual([
    'decoder.max',
    'decoder.matched',
    'decoder.matched.abs',
    'decoder.jaccard',
    'encoder.max',
    'encoder.matched',
    'shared',
    'shared.lenient',
    'subspace.8',
    'subspace.16',
  ]);
  expect(verdict).toMatchObject({ verdict: 'reproducible', deciding: { metric: 'decoder.max' } });
});

test('rows of length 0 are left out and counted', async () => {
  const { members, ...group } = planted();
  for (const { sae } of members) row(sae.decoder, 0).fill(0);
  const evidence = await examine({ ...group, members }, options);
  expect(evidence.metrics['decoder.max']?.leftOut).toBe(members.length);
  expect(alarms(evidence)).toEqual(['numerics.zero-features']);
});

test('an SAE that stands there twice, in another order, is found out', async () => {
  const { members, ...group } = planted({ saes: 2, init: false });
  const copy = { ...reordered(members[0], new Rng(4, 'copy').permutation(64)), id: 'copy' };
  const evidence = await examine({ ...group, members: [members[0], copy] }, options);
  expect(evidence.dependence).toMatchObject([{ a: 's0', b: 'copy', sameFeatures: 1 }]);
  expect(topCause(diagnose(evidence))).toBe('seeds.not-applied');
  expect(diagnose(evidence).verdict).toMatchObject({ verdict: 'cannot-tell', obstacle: 'not-independent' });
  const apart = await examine({ ...group, members }, options);
  expect(apart.dependence?.[0].sameFeatures).toBe(0);
  expect(apart.members[0].start?.cosine).toBe(0);
});

test('runs from one start: their matches are barred, and their start is no null', async () => {
  const { members, ...group } = planted({ saes: 3, step: 0.3 });
  const [{ init: shared }] = members;
  const together = members.map(({ sae, ...member }) => {
    const decoder = {
      ...sae.decoder,
      data: sae.decoder.data.map((v, at) => 0.3 * v + shared!.decoder.data[at]),
    };
    return { ...member, sae: { ...sae, decoder }, init: shared! };
  });
  const evidence = await examine({ ...group, members: together }, options);
  expect(evidence.dependence?.map((pair) => pair.sameInit)).toEqual([true, true, true]);
  const barred = evidence.counterfactual.find((c) => c.removed.includes('seeds.same-init'));
  expect(barred?.measured.mean).toBeLessThan(evidence.metrics['decoder.max']!.mean - 0.2);
  expect(topCause(diagnose(evidence))).toBe('seeds.same-init');
  expect(diagnose(evidence).verdict.obstacle).toBe('not-independent');
});

test('padding, copies up to noise, features that always fire and training records are measured', async () => {
  const { members, x, id } = planted({ saes: 2, rows: 400 });
  const padded = { ...x, data: x.data.slice() };
  for (let n = 0; n < 60; n++) row(padded, 5 * n).set(row(x, 399));
  const all = fromDense(
    Array.from({ length: 400 }, (_, n) => [1, n % 2, n < 380 ? 1 : 0, n < 379 ? 1 : 0]),
    64,
  );
  const training = { steps: 7, losses: [3, 2, 1] };
  const given = members.map((m) => ({ ...m, codes: all, training }));
  const evidence = await examine({ id, members: given, x: padded }, options);
  expect(evidence.activations?.mostRepeated).toBe(61);
  expect(evidence.activations?.clusters).toBeUndefined();
  expect(evidence.members[0].usage).toMatchObject({ live: 4, alwaysOn: 2 });
  expect(evidence.members[0].training).toEqual(training);
  const noisy = {
    ...x,
    data: x.data.map((_, at) => x.data[at % (20 * x.cols)] + 1e-3 * Math.sin(at)),
  };
  const few = await examine({ id, members, x: noisy }, options);
  expect(few.activations?.distinctRows).toBe(400);
  expect(few.activations?.clusters).toBeCloseTo(20, -1);
  expect(few.counterfactual.some((c) => c.removed.includes('data.distinct-rows'))).toBe(true);
});

test('rows of odd length are counted against the others, and an encoder along one line is seen', async () => {
  const { members, ...group } = planted({ saes: 2 });
  const [{ sae }] = members;
  const scale = (i: number, by: number) =>
    row(sae.decoder, i).forEach((v, j, to) => {
      to[j] = by * v;
    });
  scale(0, 1e-4);
  scale(1, 50);
  for (let i = 0; i < 64; i++) row(members[1].sae.encoder, i).fill(1);
  const { members: found } = await examine({ ...group, members }, options);
  expect(found[0]).toMatchObject({ tinyFeatures: 1, giantFeatures: 1 });
  expect(found[1].encoderLeading).toBeCloseTo(1, 6);
  expect(found[0].encoderLeading).toBeLessThan(0.2);
});

test('a feature written twice is found in the SAE itself', async () => {
  const { members, ...group } = planted();
  for (const { sae } of members) {
    for (let i = 0; i < 8; i++) row(sae.decoder, i).set(row(sae.decoder, i + 8).map((v) => -v));
  }
  const evidence = await examine({ ...group, members }, options);
  expect(evidence.members[0]).toMatchObject({ parallelFeatures: 16, repeatedFeatures: 8 });
  expect(alarms(evidence)).toContain('features.duplicated');
});

test('a single SAE, and nothing live, end in cannot-tell', async () => {
  const { members, ...group } = planted({ saes: 2 });
  const alone = await examine({ ...group, members: [members[0]] }, options);
  expect(diagnose(alone).verdict).toEqual({ verdict: 'cannot-tell', obstacle: 'nothing-to-compare' });
  const silent = members.map((m) => ({
    ...m,
    codes: {
      ...m.codes!,
      offsets: new Int32Array(2001),
      indices: new Int32Array(0),
      values: new Float32Array(0),
    },
  }));
  const evidence = await examine({ ...group, members: silent }, options);
  expect(diagnose(evidence).verdict).toMatchObject({ verdict: 'cannot-tell', obstacle: 'nothing-live' });
});

test('codes of other rows than the activations are refused', async () => {
  const { members, x, id } = planted({ saes: 2 });
  const short = { rows: 10, cols: x.cols, data: x.data.subarray(0, 10 * x.cols) };
  await expect(examine({ id, members, x: short }, options)).rejects.toThrow('differ in rows');
});

describe.each(Object.entries(cases))('%s', (_, group) => {
  test('the order of features and of SAEs changes nothing', async () => {
    const rng = new Rng(11, 'order');
    const other = group.members.map((m) => reordered(m, rng.permutation(m.sae.decoder.rows))).reverse();
    const [here, there] = [
      await examine(group, options),
      await examine({ ...group, members: other }, options),
    ];
    expect(summary(there)).toEqual(summary(here));
  });

  test('a run that is interrupted and goes on ends with the same evidence', async () => {
    const whole = await examine(group, options);
    const store = new Map<string, Buffer>();
    let left = 0;
    const keep: Keep = async <T>(key: Key, compute: () => Promise<T>) => {
      const name = keyText(key);
      if (!store.has(name)) {
        if (left-- === 0) throw new Error('killed');
        store.set(name, serialize(await compute()));
      }
      return deserialize(store.get(name)!) as T;
    };
    let kills = 0;
    for (;;) {
      left = 1;
      try {
        expect(await examine(group, { ...options, keep })).toEqual(whole);
        break;
      } catch (error) {
        expect((error as Error).message).toBe('killed');
        kills++;
      }
    }
    expect(kills).toBeGreaterThan(2);
  });
});

test('nothing is begun once cancelled', async () => {
  const begun: string[] = [];
  const onProgress = (part: string) => begun.push(part);
  const signal = AbortSignal.abort();
  await expect(examine(cases.healthy, { ...options, onProgress, signal })).rejects.toThrow('cancelled');
  expect(begun).toEqual([]);
});

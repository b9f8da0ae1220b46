// One pass over activations against what is measured with all of them in memory, and what must not depend on blocks.
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/activations/activation-rows.js';
import { encodeEvery, passOverActivations } from '../../src/evidence/activation-pass.js';
import { symmetricEigenvalues } from '../../src/kernel/portable/eigen.js';
import { gram } from '../../src/kernel/portable/gram.js';
import { encode } from '../../src/sae/encode.js';
import { type Fit, measureFit } from '../../src/sae/fit.js';
import { distinctRows } from '../../src/stats/distinct-rows.js';
import { effectiveRankOf } from '../../src/stats/effective-rank.js';
import { nearDuplicates } from '../../src/stats/near-duplicates.js';
import {
  firingCounts,
  type Matrix,
  Rng,
  row,
  rowRange,
  takeCodeRows,
  takeRows,
  zeros,
} from '../../src/tensor/index.js';
import { d, kinds, makers, normal, sae, someRows } from './pass-cases.js';

function effectiveRank(x: Matrix): number {
  return effectiveRankOf(symmetricEigenvalues(gram(x, { centred: true }), x.cols), x.cols);
}

/** Mean of d·Σv⁴/(Σv²)² over some rows less the mean of all. */
function kurtosisOf(x: Matrix, rows: readonly number[]): number {
  const means = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let n = 0; n < x.rows; n++) sum += x.data[n * d + j];
    return sum / x.rows;
  });
  const each = rows.map((n) => {
    const squares = Array.from(row(x, n), (v, j) => (v - means[j]) ** 2);
    const sum = squares.reduce((a, b) => a + b);
    return (d * squares.reduce((a, b) => a + b * b, 0)) / sum ** 2;
  });
  return each.reduce((a, b) => a + b) / each.length;
}

const unexplained = (fit: Fit | undefined) => 1 - fit!.explainedVariance;

describe.each(makers)('one pass ($name)', ({ make }) => {
  const kernel = make(2);
  afterAll(() => kernel.close());
  const x = someRows(1500);

  test('codes, firing, fit and description are those of all rows in memory', async () => {
    const pass = await passOverActivations(rowsOf(x), kinds, kernel, { blockRows: 256 });
    expect(pass).toMatchObject({ codeRows: 1500, stride: 1 });
    for (const [i, member] of kinds.entries()) {
      const codes = await encode(member.sae, x, kernel);
      const found = pass.members[i];
      expect(found.id).toBe(member.id);
      expect(found.codes).toEqual(codes);
      expect(found.firing).toEqual(firingCounts(codes));
      const fit = measureFit(member.sae, x, codes);
      expect(found.fit?.l0).toBe(fit.l0);
      expect(Math.abs(found.fit!.mse / fit.mse - 1)).toBeLessThan(1e-12);
      expect(unexplained(found.fit) / unexplained(fit)).toBeCloseTo(1, 12);
      expect(found.untrained).toEqual(member.untrained && (await encode(member.untrained, x, kernel)));
    }
    const { count, representative } = distinctRows(x);
    const { effectiveRank: rank, scatter, moments, kurtosis, ...data } = pass.data;
    const distinct = Array.from(representative.keys()).filter((n) => representative[n] === n);
    // Of a sample of them.
    expect(kurtosis! / kurtosisOf(x, distinct)).toBeCloseTo(1, 3);
    expect(moments.spread()).toBeCloseTo(
      scatter.reduce((sum, value, e) => (e % (d + 1) === 0 ? sum + value : sum), 0),
      6,
    );
    gram(x, { centred: true }).forEach((sum, e) => {
      expect(Math.abs(scatter[e] - sum)).toBeLessThan(1e-9 * Math.abs(scatter[0]) + 1e-9);
    });
    expect(data).toEqual({
      rows: 1500,
      distinctRows: count,
      mostRepeated: Math.ceil(1500 / 7),
      different: Int32Array.from(distinct),
    });
    expect(Math.abs(rank / effectiveRank(x) - 1)).toBeLessThan(1e-11);
  });

  test('blocks of any size give the same bytes, thinned or not', async () => {
    for (const codeBudget of [2 ** 30, 30_000, 400]) {
      const [one, ...others] = await Promise.all(
        [1, 512, 768, 8192].map((blockRows) =>
          passOverActivations(rowsOf(x), kinds, kernel, { blockRows, codeBudget }),
        ),
      );
      for (const other of others) expect(other).toEqual(one);
      // Rows that are kept are then further apart than the smallest blocks are long.
      if (codeBudget < 1000) expect(one.stride).toBeGreaterThan(256);
    }
  });

  test('thinned codes are those of the rows that the stride divides, and firing and fit are of all', async () => {
    const whole = await passOverActivations(rowsOf(x), kinds, kernel);
    const known = { id: 'known', sae: kinds[0].sae, codes: whole.members[0].codes };
    const pass = await passOverActivations(rowsOf(x), [...kinds, known], kernel, {
      blockRows: 256,
      codeBudget: 40_000,
    });
    expect(pass.stride).toBeGreaterThan(2);
    const rows = Array.from({ length: pass.codeRows }, (_, n) => n * pass.stride);
    expect(rows.at(-1)).toBeLessThan(1500);
    expect(1500 - rows.at(-1)!).toBeLessThanOrEqual(pass.stride);
    for (const [i, found] of pass.members.entries()) {
      const { codes, firing, fit, untrained } = whole.members[i % kinds.length];
      expect(found.codes).toEqual(takeCodeRows(codes, rows));
      expect({ firing: found.firing, fit: found.fit }).toEqual({ firing, fit });
      if (untrained && found.untrained) expect(found.untrained).toEqual(takeCodeRows(untrained, rows));
    }
    // Within the budget, and at half the stride they would not be.
    const sets = [...pass.members.map(({ codes }) => codes), pass.members[0].untrained!];
    const bytes = sets.reduce((sum, { rows: n, values }) => sum + 8 * values.length + 4 * n, 0);
    expect(bytes).toBeLessThanOrEqual(40_000);
    expect(bytes).toBeGreaterThan(15_000);
    expect(pass.data.different).toEqual(
      Int32Array.from(rows.keys()).filter((n) => distinctRows(takeRows(x, rows)).representative[n] === n),
    );
    expect(await encodeEvery(pass.stride, kinds[0].sae, rowsOf(x), kernel, { blockRows: 256 })).toEqual(
      pass.members[0].codes,
    );
  });

  test('a member reads activations of its own, and a transcoder has no fit', async () => {
    const own = normal(1500, d, 'own', 3);
    const members = [
      { id: 'own', sae: kinds[0].sae, own: rowsOf(own) },
      { id: 'transcoder', sae: sae(16, 'f', { transcoder: true }) },
    ];
    const { members: found } = await passOverActivations(rowsOf(x), members, kernel, { blockRows: 512 });
    const codes = await encode(kinds[0].sae, own, kernel);
    expect(found[0].codes).toEqual(codes);
    const fit = measureFit(kinds[0].sae, own, codes);
    expect(unexplained(found[0].fit) / unexplained(fit)).toBeCloseTo(1, 12);
    expect(found[1].fit).toBeUndefined();
  });

  test('copies of a few rows up to noise are clusters, as in memory', async () => {
    const centres = normal(30, d, 'centres');
    const noisy = normal(2000, d, 'noise', 0.02);
    for (let n = 0; n < noisy.rows; n++) {
      row(noisy, n).forEach((value, j, to) => {
        to[j] = value + centres.data[(n % 30) * d + j];
      });
    }
    const { data } = await passOverActivations(rowsOf(noisy), [], kernel);
    const clusters = nearDuplicates(
      noisy,
      Array.from({ length: 2000 }, (_, n) => n),
    );
    expect(data.clusters).toBe(clusters?.count);
    expect(data.different).toEqual(clusters?.rows);
  });

  test('a few massive rows: what is said without them is what is measured on the others', async () => {
    const massive = [0, 255, 256, 700, 1499];
    const spoilt = { ...x, data: x.data.slice() };
    for (const [i, n] of massive.entries()) spoilt.data[n * d + 3] += 4000 + 50 * i;
    const own = { ...kinds[1], id: 'own', own: rowsOf(normal(1500, d, 'own', 3)) };
    const known = { ...kinds[0], id: 'known', codes: await encode(kinds[0].sae, spoilt, kernel) };
    const pass = await passOverActivations(rowsOf(spoilt), [...kinds, own, known], kernel, {
      blockRows: 256,
      codeBudget: 40_000,
    });
    const others = Int32Array.from({ length: 1500 }, (_, n) => n).filter((n) => !massive.includes(n));
    const ordinary = takeRows(x, others);
    const found = pass.data.massive!;
    expect([...found.rows]).toEqual(massive);
    expect(found.times).toBeGreaterThan(100);
    const spread = (m: Matrix) =>
      gram(m, { centred: true }).reduce((sum, value, e) => (e % (d + 1) === 0 ? sum + value : sum), 0);
    expect(1 - found.share).toBeCloseTo(spread(ordinary) / spread(spoilt), 12);
    expect(found.effectiveRank).toBeCloseTo(effectiveRank(ordinary), 8);
    gram(ordinary, { centred: true }).forEach((sum, e) => {
      expect(Math.abs(found.scatter[e] - sum)).toBeLessThan(1e-6);
    });
    for (const [i, member] of [...kinds, own, known].entries()) {
      const read = member.id === 'own' ? takeRows(normal(1500, d, 'own', 3), others) : ordinary;
      const codes = await encode(member.sae, read, kernel);
      const told = pass.members[i].ordinary!;
      expect(told.firing).toEqual(firingCounts(codes));
      const fit = measureFit(member.sae, read, codes);
      expect(told.fit?.l0).toBe(fit.l0);
      expect(unexplained(told.fit) / unexplained(fit)).toBeCloseTo(1, 6);
    }
  });

  test('rows of a position: what is said without them, and without massive ones, is what is measured on the others', async () => {
    const massive = [3, 700, 1499];
    const firsts = Array.from({ length: 150 }, (_, i) => 10 * i).filter((n) => n !== 700);
    const spoilt = { ...x, data: x.data.slice() };
    for (const [i, n] of massive.entries()) spoilt.data[n * d + 3] += 4000 + 50 * i;
    for (const n of firsts) spoilt.data[n * d + 5] += 40;
    const tokens = {
      rows: 1500,
      document: new Int32Array(1500),
      position: Int32Array.from({ length: 1500 }, (_, n) => n % 10),
      token: Int32Array.from({ length: 1500 }, (_, n) => n % 97),
      texts: Array.from({ length: 97 }, (_, t) => `t${t}`),
    };
    const own = { ...kinds[1], id: 'own', own: rowsOf(normal(1500, d, 'own', 3)) };
    const read = { blockRows: 256, codeBudget: 40_000 };
    const pass = await passOverActivations(rowsOf(spoilt), [...kinds, own], kernel, { ...read, tokens });
    const { apart } = pass.data.places!;
    expect([...apart!.rows]).toEqual(firsts);
    expect(apart!.places).toEqual([{ position: 0, rows: 149 }]);
    const without = (out: readonly number[]) =>
      Int32Array.from({ length: 1500 }, (_, n) => n).filter((n) => !out.includes(n));
    const others = without([...massive, ...firsts]);
    const elsewhere = takeRows(spoilt, others);
    expect(apart!.effectiveRank).toBeCloseTo(effectiveRank(elsewhere), 8);
    gram(elsewhere, { centred: true }).forEach((sum, e) => {
      expect(Math.abs(apart!.scatter[e] - sum)).toBeLessThan(1e-6);
    });
    expect(pass.data.moments.rows).toBe(others.length);
    for (const [i, member] of [...kinds, own].entries()) {
      const reads = member.id === 'own' ? normal(1500, d, 'own', 3) : spoilt;
      for (const [told, kept] of [
        [pass.members[i].ordinary, without(massive)],
        [pass.members[i].elsewhere, others],
      ] as const) {
        const rows = takeRows(reads, kept);
        const codes = await encode(member.sae, rows, kernel);
        expect(told?.firing).toEqual(firingCounts(codes));
        expect(unexplained(told?.fit) / unexplained(measureFit(member.sae, rows, codes))).toBeCloseTo(1, 6);
      }
    }
    const untold = await passOverActivations(rowsOf(spoilt), kinds, kernel, read);
    expect(untold.data.places).toBeUndefined();
    expect(untold.members[0].elsewhere).toBeUndefined();
  });

  test('constant rows, one row, fewer rows than dimensions', async () => {
    const flat = zeros(300, d);
    flat.data.fill(0.1);
    const { data, members } = await passOverActivations(rowsOf(flat), [kinds[0]], kernel);
    expect(data).toMatchObject({ rows: 300, distinctRows: 1, mostRepeated: 300, effectiveRank: 0 });
    expect(members[0].fit?.explainedVariance).toBe(0);
    expect((await passOverActivations(rowsOf(rowRange(x, 0, 1)), kinds, kernel)).data).toMatchObject({
      rows: 1,
      distinctRows: 1,
      effectiveRank: 0,
      different: Int32Array.of(0),
    });
    for (const rows of [2, 5, 11]) {
      const few = rowRange(x, 0, rows);
      const { data: of } = await passOverActivations(rowsOf(few), [], kernel);
      expect(Math.abs(of.effectiveRank / effectiveRank(few) - 1)).toBeLessThan(1e-9);
    }
  });

  test('effective rank and distinct rows of random tables', async () => {
    const table = fc.record({
      rows: fc.integer({ min: 2, max: 40 }),
      rank: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(table, async ({ rows, rank, seed }) => {
        const rng = new Rng(seed, 'table');
        const base = Array.from({ length: rank }, () => Array.from({ length: d }, () => rng.below(9) - 4));
        const some = zeros(rows, d);
        for (let n = 0; n < rows; n++) {
          for (const direction of base) {
            const times = rng.below(5) - 2;
            row(some, n).forEach((value, j, to) => {
              to[j] = value + times * direction[j];
            });
          }
        }
        const { data } = await passOverActivations(rowsOf(some), [], kernel);
        expect(data.distinctRows).toBe(distinctRows(some).count);
        expect(data.effectiveRank).toBeCloseTo(effectiveRank(some), 7);
      }),
      { numRuns: 40 },
    );
  });
});

// Planted worlds: what is shared is shared to the bit, what is not is independent, and rates and noise are as asked.
import { describe, expect, it } from 'vitest';
import { type PlantedPlan, plantedDictionary, plantedWorld } from '../../src/activations/planted.js';
import { firingWeights } from '../../src/activations/planted-codes.js';
import { dot, firingCounts, row, rowNorms, type SparseCodes } from '../../src/tensor/index.js';

const plan: PlantedPlan = {
  features: 40,
  dModel: 16,
  rows: 3000,
  active: 3,
  firing: 'exactly',
  zipf: 0,
  noise: 0,
  overlap: 0.5,
  seed: 5,
};

/** Code of a feature on every row. */
function column({ rows, offsets, indices, values }: SparseCodes, feature: number): Float64Array {
  const out = new Float64Array(rows);
  for (let n = 0; n < rows; n++) {
    for (let e = offsets[n]; e < offsets[n + 1]; e++) if (indices[e] === feature) out[n] = values[e];
  }
  return out;
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const mean = (v: number[]) => v.reduce((s, e) => s + e, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const cov = (p: number[], mp: number, q: number[], mq: number) =>
    p.reduce((s, e, i) => s + (e - mp) * (q[i] - mq), 0);
  return cov(x, mx, y, my) / Math.sqrt(cov(x, mx, x, mx) * cov(y, my, y, my));
}

describe('plantedWorld', () => {
  it('is the sum of its features, each times its code', () => {
    const { dictionary, codes, x } = plantedWorld(plan, 1);
    for (const n of [0, 7, 2999]) {
      const sum = new Float64Array(plan.dModel);
      for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
        for (let j = 0; j < sum.length; j++) {
          sum[j] += codes.values[e] * dictionary.data[codes.indices[e] * plan.dModel + j];
        }
      }
      expect(Array.from(row(x, n))).toEqual(Array.from(Float32Array.from(sum)));
    }
    for (const norm of rowNorms(dictionary)) expect(norm).toBeCloseTo(1, 6);
  });

  it('comes out again from its seed, and differs with the seed', () => {
    const [one, again, other] = [plan, plan, { ...plan, seed: 6 }].map((p) => plantedWorld(p, 1));
    expect(again).toEqual(one);
    expect(other.x.data).not.toEqual(one.x.data);
    expect(other.dictionary.data).not.toEqual(one.dictionary.data);
  });

  it('is one world for all at overlap 1, noise and all', () => {
    const whole = { ...plan, overlap: 1, noise: 0.3 };
    expect(plantedWorld(whole, 2)).toEqual(plantedWorld(whole, 1));
  });

  it.each(['exactly', 'independent'] as const)('shares the share asked for (%s)', (firing) => {
    const [a, b] = [1, 2].map((world) => plantedWorld({ ...plan, firing }, world));
    expect(a.shared).toBe(20);
    for (let i = 0; i < plan.features; i++) {
      const cosine = dot(row(a.dictionary, i), row(b.dictionary, i));
      const agreement = correlation(column(a.codes, i), column(b.codes, i));
      if (i < 20) {
        expect(cosine).toBeCloseTo(1, 6);
        expect(agreement).toBe(1);
      } else {
        expect(Math.abs(cosine)).toBeLessThan(0.9);
        expect(Math.abs(agreement)).toBeLessThan(0.1);
      }
    }
  });

  it('draws the strength of own features anew, even where they fire on the same row', () => {
    const [a, b] = [1, 2].map((world) => plantedWorld({ ...plan, overlap: 0 }, world));
    const both = Array.from({ length: plan.features }, (_, i) => {
      const [one, other] = [column(a.codes, i), column(b.codes, i)];
      return Array.from(one).flatMap((value, n) => (value !== 0 && other[n] !== 0 ? [value - other[n]] : []));
    }).flat();
    expect(both.length).toBeGreaterThan(100);
    expect(both.every((difference) => difference !== 0)).toBe(true);
  });

  it('keeps what was shared at a smaller overlap', () => {
    const [less, more] = [0.25, 0.75].map((overlap) => plantedWorld({ ...plan, overlap }, 1));
    expect(row(more.dictionary, 9)).toEqual(row(less.dictionary, 9));
    expect(column(more.codes, 9)).toEqual(column(less.codes, 9));
    // An own feature stays the same until it is shared.
    expect(row(more.dictionary, 39)).toEqual(row(less.dictionary, 39));
    expect(row(more.dictionary, 15)).not.toEqual(row(less.dictionary, 15));
  });

  it.each([0, 0.5, 1])('has exactly k features a row at overlap %f', (overlap) => {
    const { codes } = plantedWorld({ ...plan, overlap }, 3);
    for (let n = 0; n < codes.rows; n++) expect(codes.offsets[n + 1] - codes.offsets[n]).toBe(3);
    for (const value of codes.values) expect(value >= 0.5 && value < 1.5).toBe(true);
    const expected = (codes.rows * 3) / 40;
    for (const count of firingCounts(codes)) {
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('fires by rank where asked, equally in every world', () => {
    const zipf = { ...plan, zipf: 1, firing: 'independent', active: 2.5 } as const;
    const rates = firingWeights(40, 2.5, 1, plan.seed);
    for (const world of [1, 2]) {
      const counts = firingCounts(plantedWorld(zipf, world).codes);
      counts.forEach((count, i) => {
        const sd = Math.sqrt(plan.rows * rates[i] * (1 - rates[i]));
        expect(Math.abs(count - plan.rows * rates[i])).toBeLessThan(4.5 * sd + 1e-9);
      });
    }
  });

  it('adds noise of the length asked for, shared as far as the features are', () => {
    const noisy = { ...plan, noise: 0.5, overlap: 0.25, features: 8 };
    const noiseOf = (world: number) => {
      const { x } = plantedWorld(noisy, world);
      const still = plantedWorld({ ...noisy, noise: 0 }, world).x;
      return { noise: x.data.map((value, e) => value - still.data[e]), still };
    };
    const [a, b] = [noiseOf(1), noiseOf(2)];
    expect(correlation(a.noise, b.noise)).toBeCloseTo(0.25, 1);
    const power = (values: Float32Array) => values.reduce((s, v) => s + v * v, 0) / noisy.rows;
    // k·E z² of the signal, as for features at right angles.
    expect(power(a.noise) / ((3 * 13) / 12)).toBeCloseTo(0.25, 2);
  });

  it('gives the dictionary alone', () => {
    expect(plantedDictionary(plan, 4)).toEqual(plantedWorld(plan, 4).dictionary);
  });

  it.each([
    ['active', 41],
    ['active', 2.5],
    ['overlap', 1.2],
    ['noise', -1],
    ['zipf', Number.NaN],
    ['rows', 0],
  ])('refuses %s = %f by name', (field, value) => {
    expect(() => plantedWorld({ ...plan, [field]: value }, 0)).toThrow(
      expect.objectContaining({ code: 'usage.argument', details: expect.objectContaining({ field }) }),
    );
  });
});

describe('firingWeights', () => {
  it('by hand: 1, ½, ⅓ of the same, in the order that the seed draws', () => {
    const sorted = Array.from(firingWeights(3, 1.1, 1, 9)).sort((a, b) => b - a);
    [0.6, 0.3, 0.2].forEach((w, i) => {
      expect(sorted[i]).toBeCloseTo(w, 12);
    });
  });

  it('lets nothing fire more often than always', () => {
    // 1 : ¼ : 1/9 would give the first more than 1 of 2; the others share the other 1 as 9 to 4.
    const sorted = Array.from(firingWeights(3, 2, 2, 9)).sort((a, b) => b - a);
    [1, 9 / 13, 4 / 13].forEach((w, i) => {
      expect(sorted[i]).toBeCloseTo(w, 12);
    });
    expect(Array.from(firingWeights(3, 3, 2, 9))).toEqual([1, 1, 1]);
  });
});

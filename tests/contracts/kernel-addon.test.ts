// The addon's own checks: no call from JavaScript may make it read or write where it should not.
import { describe, expect, it } from 'vitest';
import { type Addon, loadNative } from '../../src/kernel/native.js';
import { randomRows } from './training-cases.js';

const native = loadNative();

function table(n: number) {
  return {
    index: new Int32Array(n),
    value: new Float64Array(n),
    secondIndex: new Int32Array(n),
    secondValue: new Float64Array(n),
  };
}

function tables(rows: number, cols: number) {
  return {
    aToB: { signed: table(rows), abs: table(rows) },
    bToA: { signed: table(cols), abs: table(cols) },
  };
}

describe('the native addon', () => {
  it('is an addon with paths, or says in a few words why it is none', () => {
    if ('addon' in native) expect(native.addon.paths.at(-1)).toBe('baseline');
    else expect(native.problem).toMatch(/^the native addon/);
  });

  it('refuses arrays that are too short, and indices that point outside', () => {
    if (!('addon' in native)) return;
    for (const [message, call] of refusals())
      expect(() => call(native.addon), String(message)).toThrow(message);
  });
});

function refusals(): [RegExp, (addon: Addon) => unknown][] {
  const orders = { threads: 1, path: 'baseline', stop: new Int32Array(1) };
  const a = randomRows(3, 4, 3, 1);
  const codes = (offsets: number[], indices: number[]) => ({
    rows: offsets.length - 1,
    features: 2,
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(indices),
    values: new Float32Array(indices.length),
  });
  const good = codes([0, 1, 2], [0, 1]);
  return [
    [/index/, (k) => k.bestMatches(orders, a, a, tables(3, 2))],
    [/data/, (k) => k.bestMatches(orders, { ...a, rows: 4 }, a, tables(4, 3))],
    [/width/, (k) => k.bestMatches(orders, a, randomRows(4, 3, 4, 1), tables(3, 4))],
    [/quantum/, (k) => k.bestMatches({ ...orders, path: 'quantum' }, a, a, tables(3, 3))],
    [/stop/, (k) => k.bestMatches({ ...orders, stop: new Int32Array(0) }, a, a, tables(3, 3))],
    [/indices/, (k) => k.coFiring(orders, codes([0, 1, 2], [0, 2]), good, tables(2, 2))],
    [/offsets/, (k) => k.coFiring(orders, good, codes([0, 3, 2], [0, 1]), tables(2, 2))],
  ];
}

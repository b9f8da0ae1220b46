// The addon's own checks: no call from JavaScript may make it read or write where it should not.
import { describe, expect, it } from 'vitest';
import { denseArrays } from '../../src/kernel/dense.js';
import { type Addon, loadNative } from '../../src/kernel/native/addon.js';
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
  const pairs = { kind: 'rows', a, b: a, absolute: false } as const;
  const state = (partner: number[]) => ({
    partner: Int32Array.from(partner),
    value: new Float64Array(partner.length),
    price: new Float64Array(3),
  });
  const none = state([-1, -1, -1]);
  const lists = (index: number[], m: number) => ({
    m,
    index: Int32Array.from(index),
    value: new Float64Array(index.length),
  });
  const fine = lists([0, 1, 0, 1, 0, 1], 2);
  const upperBound = new Float64Array(1);
  const limits = { scans: 1, complete: false, upperBound };
  const price = new Float64Array(3);
  const eigen = { a: upperBound, n: 1, r: 1, ascending: true, values: upperBound, vectors: upperBound };
  const weights = denseArrays('gated', 2, 4, (n) => new Float32Array(n));
  const gradients = denseArrays('gated', 2, 4, (n) => new Float64Array(n));
  const loss = {
    architecture: 'gated' as const,
    subtractDecoderBias: false,
    weighByDecoderNorm: false,
    meanOverWidth: false,
    sparsity: 0,
    bandwidth: 1,
    targetL0: 0,
  };
  const pass = {
    x: a,
    features: 2,
    firstEqual: Int32Array.of(0, 1, 2),
    weights,
    batch: Int32Array.of(0),
    loss,
    gradients,
    parts: new Float64Array(5),
  };
  const decoded = {
    decoder: new Float32Array(8),
    decoderBias: new Float32Array(4),
    x: a,
    codes: codes([0, 1, 2, 2], [0, 1]),
    out: new Float64Array(3),
  };
  return [
    [/outside/, (k) => k.assignDense(orders, { pairs, state: state([-1, 3, 0]), upperBound })],
    [/outside/, (k) => k.assignDense(orders, { pairs, state: state([-2, 0, 0]), upperBound })],
    [/partner/, (k) => k.assignDense(orders, { pairs, state: state([-1]), upperBound })],
    [/upperBound/, (k) => k.assignDense(orders, { pairs, state: none, upperBound: new Float64Array(0) })],
    [
      /outside/,
      (k) => k.assignOnLists(orders, { pairs, state: none, lists: lists([0, 1, 0, 1, 0, 3], 2), ...limits }),
    ],
    [
      /outside/,
      (k) => k.assignOnLists(orders, { pairs, state: none, lists: lists([0, 1, 0, 1, 0, -1], 2), ...limits }),
    ],
    [/short/, (k) => k.assignOnLists(orders, { pairs, state: none, lists: lists([0, 1, 0], 1), ...limits })],
    [/scans/, (k) => k.assignOnLists(orders, { pairs, state: none, lists: fine, ...limits, scans: -1 })],
    [
      /upperBound/,
      (k) =>
        k.assignOnLists(orders, {
          pairs,
          state: none,
          lists: fine,
          ...limits,
          upperBound: new Float64Array(0),
        }),
    ],
    [/longer/, (k) => k.topMatches(orders, { pairs, price, lists: { ...fine, m: 4 } })],
    [/price/, (k) => k.topMatches(orders, { pairs, price: new Float64Array(2), lists: fine })],
    [
      /more rows/,
      (k) =>
        k.assignOnLists(orders, {
          pairs: { ...pairs, b: randomRows(2, 4, 2, 1) },
          state: none,
          lists: { ...fine, m: 2 },
          ...limits,
        }),
    ],
    [/means/, (k) => k.columnMeans(orders, { x: a, means: price })],
    [/shift/, (k) => k.addGram(orders, { x: a, shift: price, sum: new Float64Array(16) })],
    [/sum/, (k) => k.addGram(orders, { x: a, shift: new Float64Array(4), sum: new Float64Array(15) })],
    [/r:/, (k) => k.eigen(orders, { ...eigen, r: 2 })],
    [/vectors/, (k) => k.eigen(orders, { ...eigen, vectors: price })],
    [/out/, (k) => k.multiply(orders, { a, b: a, out: new Float32Array(8) })],
    [/width/, (k) => k.multiply(orders, { a, b: randomRows(3, 3, 4, 1), out: new Float32Array(9) })],
    [/codes/, (k) => k.encodeDense(orders, { ...pass, codes: new Float32Array(5) })],
    [
      /array 1/,
      (k) =>
        k.forwardBackward(orders, { ...pass, weights: { ...weights, perFeature: [new Float32Array(2)] } }),
    ],
    [/outside/, (k) => k.forwardBackward(orders, { ...pass, batch: Int32Array.of(3) })],
    [/firstEqual/, (k) => k.forwardBackward(orders, { ...pass, firstEqual: Int32Array.of(0, 2, 2) })],
    [/decoder/, (k) => k.forwardBackward(orders, { ...pass, gradients: { ...gradients, decoder: price } })],
    [
      /architecture/,
      (k) => k.forwardBackward(orders, { ...pass, loss: { ...loss, architecture: 'elu' as never } }),
    ],
    [/index/, (k) => k.bestMatches(orders, a, a, tables(3, 2))],
    [/data/, (k) => k.bestMatches(orders, { ...a, rows: 4 }, a, tables(4, 3))],
    [/width/, (k) => k.bestMatches(orders, a, randomRows(4, 3, 4, 1), tables(3, 4))],
    [/quantum/, (k) => k.bestMatches({ ...orders, path: 'quantum' }, a, a, tables(3, 3))],
    [/stop/, (k) => k.bestMatches({ ...orders, stop: new Int32Array(0) }, a, a, tables(3, 3))],
    [/indices/, (k) => k.coFiring(orders, codes([0, 1, 2], [0, 2]), good, tables(2, 2))],
    [/offsets/, (k) => k.coFiring(orders, good, codes([0, 3, 2], [0, 1]), tables(2, 2))],
    [/of these rows/, (k) => k.reconstructionErrors(orders, { ...decoded, codes: good })],
    [/decoder/, (k) => k.reconstructionErrors(orders, { ...decoded, decoder: new Float32Array(7) })],
    [/out/, (k) => k.reconstructionErrors(orders, { ...decoded, out: new Float64Array(2) })],
  ];
}

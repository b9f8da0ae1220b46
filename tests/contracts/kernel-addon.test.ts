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
  const run = { threads: 1, path: 'baseline', stop: new Int32Array(1) };
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
  const listed = {
    a,
    b: a,
    offsets: Int32Array.of(0, 1, 2, 2),
    partners: Int32Array.of(0, 2),
    out: new Float64Array(2),
  };
  return [
    [/outside/, (k) => k.assignDense(run, { pairs, state: state([-1, 3, 0]), upperBound })],
    [/outside/, (k) => k.assignDense(run, { pairs, state: state([-2, 0, 0]), upperBound })],
    [/partner/, (k) => k.assignDense(run, { pairs, state: state([-1]), upperBound })],
    [/upperBound/, (k) => k.assignDense(run, { pairs, state: none, upperBound: new Float64Array(0) })],
    [
      /outside/,
      (k) => k.assignOnLists(run, { pairs, state: none, lists: lists([0, 1, 0, 1, 0, 3], 2), ...limits }),
    ],
    [
      /outside/,
      (k) => k.assignOnLists(run, { pairs, state: none, lists: lists([0, 1, 0, 1, 0, -1], 2), ...limits }),
    ],
    [/short/, (k) => k.assignOnLists(run, { pairs, state: none, lists: lists([0, 1, 0], 1), ...limits })],
    [/scans/, (k) => k.assignOnLists(run, { pairs, state: none, lists: fine, ...limits, scans: -1 })],
    [
      /upperBound/,
      (k) =>
        k.assignOnLists(run, {
          pairs,
          state: none,
          lists: fine,
          ...limits,
          upperBound: new Float64Array(0),
        }),
    ],
    [/longer/, (k) => k.topMatches(run, { pairs, price, lists: { ...fine, m: 4 } })],
    [/price/, (k) => k.topMatches(run, { pairs, price: new Float64Array(2), lists: fine })],
    [
      /more rows/,
      (k) =>
        k.assignOnLists(run, {
          pairs: { ...pairs, b: randomRows(2, 4, 2, 1) },
          state: none,
          lists: { ...fine, m: 2 },
          ...limits,
        }),
    ],
    [/means/, (k) => k.columnMeans(run, { x: a, means: price })],
    [/shift/, (k) => k.addGram(run, { x: a, shift: price, sum: new Float64Array(16) })],
    [/sum/, (k) => k.addGram(run, { x: a, shift: new Float64Array(4), sum: new Float64Array(15) })],
    [/r:/, (k) => k.eigen(run, { ...eigen, r: 2 })],
    [/vectors/, (k) => k.eigen(run, { ...eigen, vectors: price })],
    [/out/, (k) => k.multiply(run, { a, b: a, out: new Float32Array(8) })],
    [/width/, (k) => k.multiply(run, { a, b: randomRows(3, 3, 4, 1), out: new Float32Array(9) })],
    [/codes/, (k) => k.encodeDense(run, { ...pass, codes: new Float32Array(5) })],
    [
      /array 1/,
      (k) => k.forwardBackward(run, { ...pass, weights: { ...weights, perFeature: [new Float32Array(2)] } }),
    ],
    [/outside/, (k) => k.forwardBackward(run, { ...pass, batch: Int32Array.of(3) })],
    [/firstEqual/, (k) => k.forwardBackward(run, { ...pass, firstEqual: Int32Array.of(0, 2, 2) })],
    [/decoder/, (k) => k.forwardBackward(run, { ...pass, gradients: { ...gradients, decoder: price } })],
    [
      /architecture/,
      (k) => k.forwardBackward(run, { ...pass, loss: { ...loss, architecture: 'elu' as never } }),
    ],
    [/index/, (k) => k.bestMatches(run, a, a, tables(3, 2))],
    [/data/, (k) => k.bestMatches(run, { ...a, rows: 4 }, a, tables(4, 3))],
    [/width/, (k) => k.bestMatches(run, a, randomRows(4, 3, 4, 1), tables(3, 4))],
    [/quantum/, (k) => k.bestMatches({ ...run, path: 'quantum' }, a, a, tables(3, 3))],
    [/stop/, (k) => k.bestMatches({ ...run, stop: new Int32Array(0) }, a, a, tables(3, 3))],
    [/partners/, (k) => k.listedProducts(run, { ...listed, partners: Int32Array.of(0, 3) })],
    [/partners/, (k) => k.listedProducts(run, { ...listed, partners: Int32Array.of(-1, 2) })],
    [/offsets/, (k) => k.listedProducts(run, { ...listed, offsets: Int32Array.of(0, 2, 1, 2) })],
    [/offsets/, (k) => k.listedProducts(run, { ...listed, offsets: Int32Array.of(0, 1, 2) })],
    [/width/, (k) => k.listedProducts(run, { ...listed, b: randomRows(4, 3, 4, 1) })],
    [/out/, (k) => k.listedProducts(run, { ...listed, out: new Float64Array(3) })],
    [/indices/, (k) => k.coFiring(run, codes([0, 1, 2], [0, 2]), good, tables(2, 2))],
    [/offsets/, (k) => k.coFiring(run, good, codes([0, 3, 2], [0, 1]), tables(2, 2))],
    [/of these rows/, (k) => k.reconstructionErrors(run, { ...decoded, codes: good })],
    [/decoder/, (k) => k.reconstructionErrors(run, { ...decoded, decoder: new Float32Array(7) })],
    [/out/, (k) => k.reconstructionErrors(run, { ...decoded, out: new Float64Array(2) })],
  ];
}

// Which axis counts features: what shapes tell, what values tell, and that nothing is told where it is not clear.
import { describe, expect, it } from 'vitest';
import { featureRows, orientationByValues, orientationsByShape } from '../../src/sae/orientation.js';
import { type Matrix, Rng, rowNorms, transpose, zeros } from '../../src/tensor/index.js';

const rng = new Rng(7);

function drawn(rows: number, cols: number): Matrix {
  const out = zeros(rows, cols);
  for (let e = 0; e < out.data.length; e++) out.data[e] = rng.normal();
  return out;
}

function ofLengthOne(m: Matrix): Matrix {
  const lengths = rowNorms(m);
  return { ...m, data: m.data.map((value, e) => value / lengths[Math.floor(e / m.cols)]) };
}

/** a + share · noise */
function mixed(a: Matrix, share: number): Matrix {
  const noise = drawn(a.rows, a.cols);
  return { ...a, data: a.data.map((value, e) => value + share * noise.data[e]) };
}

const stored = (m: Matrix, axis: string) => (axis === 'rows' ? m : transpose(m));
const axes = ['rows', 'columns'] as const;
const allFour = axes.flatMap((encoder) => axes.map((decoder) => ({ encoder, decoder })));
const square = orientationsByShape([48, 48], [48, 48]);

describe('shapes', () => {
  it('leave two readings where F ≠ d, and four where F = d', () => {
    expect(orientationsByShape([3, 5], [3, 5])).toEqual([
      { features: 3, width: 5, out: 5, encoder: 'rows', decoder: 'rows' },
      { features: 5, width: 3, out: 3, encoder: 'columns', decoder: 'columns' },
    ]);
    expect(orientationsByShape([3, 5], [5, 3])).toEqual([
      { features: 3, width: 5, out: 5, encoder: 'rows', decoder: 'columns' },
      { features: 5, width: 3, out: 3, encoder: 'columns', decoder: 'rows' },
    ]);
    expect(square).toHaveLength(4);
    expect(orientationsByShape([3, 5], [3, 4])).toEqual([]);
    expect(orientationsByShape([3, 5], [3, 4], true)).toEqual([
      { features: 3, width: 5, out: 4, encoder: 'rows', decoder: 'rows' },
    ]);
  });
});

describe('values of 48 features in 48 dimensions', () => {
  const decoder = ofLengthOne(drawn(48, 48));
  const encoder = mixed(decoder, 0.1);

  it.each(allFour)('tell encoder %o from its transpose', (axis) => {
    const told = orientationByValues(square, stored(encoder, axis.encoder), stored(decoder, axis.decoder));
    expect(told).toMatchObject(axis);
    expect(featureRows(stored(encoder, axis.encoder), told!.encoder)).toEqual(encoder);
    expect(featureRows(stored(decoder, axis.decoder), told!.decoder)).toEqual(decoder);
  });

  it('do not where decoder rows are of any length', () => {
    const long = mixed(decoder, 0.05);
    expect(orientationByValues(square, encoder, long)).toBeUndefined();
  });

  it('do not where encoder rows do not point along their own decoder rows', () => {
    for (let n = 0; n < 20; n++) {
      expect(orientationByValues(square, drawn(48, 48), decoder)).toBeUndefined();
    }
  });

  it('do not where columns are of one length too', () => {
    // Two reflections: a rotation, up to rounding.
    const [u, v] = [reflection(), reflection()];
    const rotation = zeros(48, 48);
    for (let e = 0; e < rotation.data.length; e++) {
      const [i, j] = [Math.floor(e / 48), e % 48];
      for (let k = 0; k < 48; k++) rotation.data[e] += u.data[48 * i + k] * v.data[48 * k + j];
    }
    expect(orientationByValues(square, rotation, rotation)).toBeUndefined();
  });

  it('do not where an encoder is its own transpose', () => {
    const even = { ...encoder, data: encoder.data.map((value, e) => value + transpose(encoder).data[e]) };
    expect(orientationByValues(square, even, decoder)).toBeUndefined();
  });

  it('do not where both axes are even', () => {
    const identity = zeros(48, 48);
    for (let i = 0; i < 48; i++) identity.data[49 * i] = 1;
    expect(orientationByValues(square, identity, identity)).toBeUndefined();
  });

  it('do not where there are none', () => {
    const none = zeros(48, 48);
    expect(orientationByValues(square, none, none)).toBeUndefined();
  });
});

describe('values of more features than dimensions, without a bias', () => {
  const decoder = ofLengthOne(drawn(96, 24));
  const open = orientationsByShape([24, 96], [96, 24]);

  it('tell which is which by decoder rows of one length', () => {
    expect(orientationByValues(open, transpose(decoder), decoder)).toMatchObject({
      features: 96,
      decoder: 'rows',
    });
    const other = orientationsByShape([96, 24], [24, 96]);
    expect(orientationByValues(other, decoder, transpose(decoder))).toMatchObject({ features: 96 });
  });

  it('do not without', () => {
    const any = drawn(96, 24);
    expect(orientationByValues(open, transpose(any), any)).toBeUndefined();
  });

  it('do so in half precision', () => {
    const rounded = { ...decoder, data: decoder.data.map((value) => toBfloat16(value)) };
    expect(orientationByValues(open, transpose(rounded), rounded)).toMatchObject({ features: 96 });
  });
});

/** I − 2vvᵀ */
function reflection(): Matrix {
  const { data: v } = ofLengthOne(drawn(1, 48));
  const out = zeros(48, 48);
  for (let e = 0; e < out.data.length; e++) {
    const [i, j] = [Math.floor(e / 48), e % 48];
    out.data[e] = (i === j ? 1 : 0) - 2 * v[i] * v[j];
  }
  return out;
}

function toBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0] + 0x8000) & 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}

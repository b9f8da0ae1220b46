// Files that we write for torch.load: read again by our own reader, which is held against the real torch. That torch and
// dictionary_learning read them is shown by tests/fixtures/peers/check-written.py.
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.js';
import { tensorFileOf } from '../../src/formats/open-tensor-file.js';
import { encodeTorch } from '../../src/formats/write-torch.js';

const tensors = {
  'encoder.weight': { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  k: { shape: [], data: Int32Array.of(70_000) },
  'a name beyond ASCII: ñ': { shape: [1], data: Float32Array.of(-0.5) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
};

describe('a file for torch.load', () => {
  it('holds the tensors in their order, with shape, type and values', async () => {
    const file = await tensorFileOf(memorySource(encodeTorch(tensors), 'ae.pt'));
    expect(file.format).toBe('torch');
    expect([...file.tensors.keys()]).toEqual(Object.keys(tensors));
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const read = await file.read(name);
      expect(read.shape).toEqual(shape);
      expect([...read.data]).toEqual([...data]);
      expect(file.tensors.get(name)?.dtype).toBe(data instanceof Int32Array ? 'I32' : 'F32');
    }
  });

  it('is the same bytes each time', () => {
    expect(encodeTorch(tensors)).toEqual(encodeTorch(tensors));
  });

  it('is refused where shape and values do not fit, or values are of another type', () => {
    expect(() => encodeTorch({ a: { shape: [2], data: Float32Array.of(1) } })).toThrow(
      /tensor a: wrong number of values .*expected 2 = 2/,
    );
    expect(() => encodeTorch({ a: { shape: [1], data: Float64Array.of(1) } })).toThrow(/found Float64Array/);
  });
});

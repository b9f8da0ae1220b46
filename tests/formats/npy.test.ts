// .npy and .npz files that NumPy wrote, value by value and by rows; headers by hand; and what must be refused.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/formats/byte-source.js';
import { openTensorFile, tensorFileOf } from '../../src/formats/open-tensor-file.js';
import type { Tensor } from '../../src/formats/tensor.js';
import { messageOf } from './message-of.js';

interface Expected {
  readonly dtype: string;
  readonly shape: number[];
  readonly values: (number | string | boolean)[];
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/npy/${name}`, import.meta.url));

const expected: Record<string, Record<string, Expected>> = JSON.parse(
  await readFile(fixture('expected.json'), 'utf8'),
);

/** NumPy's letter and width of each type. */
const kinds: Record<string, string> = {
  F64: 'f8',
  F32: 'f4',
  F16: 'f2',
  I64: 'i8',
  I32: 'i4',
  I16: 'i2',
  I8: 'i1',
  U64: 'u8',
  U32: 'u4',
  U16: 'u2',
  U8: 'u1',
  BOOL: 'b1',
};

/** Values as expected.json has them: whole numbers as text. */
function plain({ dtype, data }: Tensor): Expected['values'] {
  const kind = kinds[dtype ?? ''];
  if (kind === 'b1') return [...data].map((value) => value === 1);
  return kind.startsWith('f') ? ([...data] as number[]) : [...data].map(String);
}

describe.each(Object.entries(expected))('%s, which NumPy wrote,', (name, arrays) => {
  it('is read value by value', async () => {
    await openTensorFile(fixture(name), async (file) => {
      expect(file.format).toBe(name.endsWith('.npz') ? 'npz' : 'npy');
      expect(file.values).toEqual({});
      for (const [tensor, { dtype, shape, values }] of Object.entries(arrays)) {
        const read = await file.read(tensor);
        expect(kinds[file.tensors.get(tensor)?.dtype ?? '']).toBe(dtype);
        expect(read.shape).toEqual(shape);
        expect(plain(read)).toEqual(values);
        expect(read.data.buffer).toBeInstanceOf(SharedArrayBuffer);
      }
    });
  });

  it('gives any rows as they are in the whole', async () => {
    await openTensorFile(fixture(name), async (file) => {
      for (const [tensor, { shape, values }] of Object.entries(arrays)) {
        const [rows] = shape;
        if (rows === undefined) continue;
        const width = shape.slice(1).reduce((product, n) => product * n, 1);
        for (let from = 0; from <= rows; from++) {
          for (let to = from; to <= rows; to++) {
            const part = await file.read(tensor, { from, to });
            expect(part.shape).toEqual([to - from, ...shape.slice(1)]);
            expect(plain(part)).toEqual(values.slice(from * width, to * width));
          }
        }
      }
    });
  });
});

it('a deflated array of many values is read whole, forwards and backwards', async () => {
  await openTensorFile(fixture('deflated.npz'), async (file) => {
    const { data } = await file.read('pattern');
    expect([...data]).toEqual(Array.from({ length: 30_000 }, (_, i) => i % 7));
    for (const from of [10, 50, 51, 199, 3, 0, 150]) {
      const part = await file.read('pattern', { from, to: from + 1 });
      expect(part.data).toEqual(data.slice(150 * from, 150 * (from + 1)));
    }
  });
});

it('arrays of a .npz file are listed in its order, and none when it is empty', async () => {
  const names = (name: string) => openTensorFile(fixture(name), async ({ tensors }) => [...tensors.keys()]);
  expect(await names('stored.npz')).toEqual(['W_enc', 'nested/b', 'step']);
  expect(await names('empty.npz')).toEqual([]);
});

it.each([
  ['records.npy', /records\.npy, descr: .*cannot be read; found \[\["a","<f4"\],\["b","<f4"\]\]; expected/],
  ['named-records.npy', /descr: .*found \[\["größe","<f4"\],\["λ","<f4"\]\]/],
  ['objects.npy', /objects\.npy, descr: arrays of objects hold pickles, which are not read; found "\|O"/],
  ['complex.npy', /descr: its element type cannot be read; found "<c8"/],
  ['strings.npy', /descr: its element type cannot be read; found "<U2"/],
])('%s is refused', async (name, message) => {
  expect(await messageOf(openTensorFile(fixture(name), async () => undefined))).toMatch(message);
});

describe('a header by hand', () => {
  /** A file of version 1 with this header and so many bytes of data. */
  function npy(header: string | Uint8Array, dataBytes: number, version = 1): Buffer {
    const text = typeof header === 'string' ? Buffer.from(header, 'latin1') : header;
    const length = Buffer.alloc(version === 1 ? 2 : 4);
    length.writeUIntLE(text.length, 0, length.length);
    return Buffer.concat([
      Buffer.from('\x93NUMPY', 'latin1'),
      Buffer.of(version, 0),
      length,
      text,
      Buffer.alloc(dataBytes),
    ]);
  }
  const open = (bytes: Uint8Array) => tensorFileOf(memorySource(bytes, 'x.npy'));

  it.each([
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", [2, 3]],
    ["{'shape':(2,3),'descr':'<f4','fortran_order':False}  \n", [2, 3]],
    ['{"descr": "<f4", "fortran_order": True, "shape": (3L, 2L), }', [3, 2]],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", [6]],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': [1, 6], }", [1, 6]],
    [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 6), 'more': {'fortran_order': [None, -1]}}",
      [1, 6],
    ],
  ])('%s', async (header, shape) => {
    expect((await open(npy(header, 24))).tensors.get('array')?.shape).toEqual(shape);
  });

  const f4 = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}}`;
  it.each([
    // A reader that searches for 'shape': would find the wrong one.
    [f4("'no'").replace('}', ', "\'shape\': (2, 3)": 0}'), 'x.npy, shape: it is not a shape; found "no"'],
    [
      f4('(2, 3)').replace('False', "'False'"),
      'x.npy, fortran_order: it is not a truth value; found "False"',
    ],
    [f4('(2, -3)'), 'shape: it is not a shape; found [2,-3]'],
    [f4('6'), 'shape: it is not a shape; found 6'],
    [f4('(6)'), 'shape: it is not a shape; found 6'],
    [f4(`(${'1,'.repeat(65)})`), 'shape: it is not a shape; found [1,1,1'],
    [f4('(2, 3)').replace("'shape'", "'form'"), 'shape: it is not a shape; found nothing'],
    [
      f4('(2, 3.0)'),
      'header, offset 55: it is not the Python literal that it should be; found ".0)}"; expected )',
    ],
    [f4('(2, 3'), 'found "}"; expected )'],
    [f4('(2, 3)').slice(0, -1), 'found its end; expected }'],
    [f4('(2, 3)').concat(' 7'), 'found " 7"; expected its end'],
    [
      f4('print()'),
      'header, offset 49: it is not the Python literal that it should be; found " print()}"; expected a literal',
    ],
    [f4('(2, 3)').replace("'shape'", "'descr'"), 'expected a string that is no key yet'],
    [
      '[1, 2]',
      'header, offset 0: it is not the Python literal that it should be; found "[1, 2]"; expected {',
    ],
    [`{'shape': ${'('.repeat(60)}`, 'expected nesting of at most 16 levels'],
    ['', 'found its end; expected {'],
    [f4('(9007199254740991, 9007199254740991)'), 'e+32 for F32 [9007199254740991 × 9007199254740991]'],
    [f4('(0, 3)'), 'found 24 bytes of data; expected 0 for F32 [0 × 3]'],
    [f4('(2, 3)').replace('<', '='), 'descr: its element type cannot be read; found "=f4"'],
    [f4('(2, 3)').replace('<f4', '__proto__'), 'descr: its element type cannot be read; found "__proto__"'],
  ])('%s is refused', async (header, message) => {
    expect(await messageOf(open(npy(header, 24)))).toContain(message);
  });

  it.each([
    [
      'the version',
      npy(f4('(6,)'), 24, 4),
      'x.npy: its version of .npy cannot be read; found 4; expected 1, 2 or 3',
    ],
    ['bytes left over', npy(f4('(6,)'), 25), 'found 25 bytes of data; expected 24 for F32 [6]'],
    ['bytes that lack', npy(f4('(6,)'), 23), 'found 23 bytes of data; expected 24 for F32 [6]'],
    [
      'a cut header',
      npy(f4('(6,)'), 0).subarray(0, 40),
      'ends within its header; found 40 bytes; expected at least 65',
    ],
    ['a cut length', npy('', 0).subarray(0, 9), 'not a .npy file; found bytes 147 78 85 77 80 89'],
    [
      'a header that claims 4 GiB',
      npy('', 30, 2).fill(0xff, 8, 12),
      'its header is too long; found 4294967295 bytes; expected at most 65536',
    ],
    ['UTF-8 that is none', npy(Buffer.from("{'\xff': 0}", 'latin1'), 0, 3), 'its header is not UTF-8'],
  ])('%s is refused', async (_, bytes, message) => {
    expect(await messageOf(open(bytes))).toContain(message);
  });
});

// Pickles of PyTorch whose operations are others: numbers, names, order, calls of what must not be called, values that
// hold themselves, and many of one kind.
import type { Rng } from '../../src/tensor/rng.js';
import { edgeBytes, edges, fewTimes, type Mutate, mutateBytes, pick } from './mutate-bytes.js';
import { type Operation, opcodes, operationsOf, pickleOf } from './pickle-operations.js';

const text = (value: string): string => `\x8c${String.fromCharCode(value.length)}${value}`;

/** Operations that a file might bring in, as bytes of the same code points. */
const snippets: readonly string[] = [
  'cposix\nsystem\nX\x04\x00\x00\x00true\x85R',
  `cbuiltins\neval\n${text('1+1')}\x85R`,
  `${text('os')}${text('system')}\x93${text('true')}\x85R`,
  `(${text('true')}iposix\nsystem\n`,
  `(cposix\nsystem\n${text('true')}o`,
  'cbuiltins\ngetattr\ncbuiltins\nlist\nX\x01\x00\x00\x00a\x86R',
  'cargparse\nNamespace\n)\x81}X\x01\x00\x00\x00aK\x01sb',
  'cmy\nThing\n)\x81N}K\x01K\x02s\x86b',
  ']q\xeeh\xeea',
  '}q\xeeX\x01\x00\x00\x00ah\xees',
  ')\x85\x85q\xee0h\xee',
  ']q\xee(h\xeeh\xeeh\xeeh\xeee(h\xeeh\xeee',
  '\x8a\xff'.padEnd(257, '\x7f'),
  '\x8d\xff\xff\xff\xff\xff\xff\xff\xff',
  '\x8b\xff\xff\xff\x7f',
  'B\xff\xff\xff\xff',
  'X\x02\x00\x00\x00\xc3\x28',
  'ctorch\nFloatStorage\n',
  `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x06tQ`,
  'ccollections\nOrderedDict\n)R',
  'cnumpy._core.multiarray\nscalar\ncnumpy\ndtype\nX\x02\x00\x00\x00f8\x85RC\x08abcdefgh\x86R',
  'c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R',
];

const globals = [
  'torch\nHalfStorage',
  'torch\nDoubleStorage',
  'torch\nComplexFloatStorage',
  'torch.storage\nUntypedStorage',
]
  .concat([
    'torch\nfloat32',
    'torch._utils\n_rebuild_tensor_v2',
    'torch._utils\n_rebuild_tensor_v3',
    'torch\nSize',
  ])
  .concat([
    'torch._utils\n_rebuild_parameter',
    'builtins\nset',
    '__builtin__\nset',
    'posix\nsystem',
    '\n',
    'a.b\n__class__',
  ]);

type Change = (operations: Operation[], rng: Rng) => Operation[];

function one(change: (operation: Operation, rng: Rng) => Operation | readonly Operation[]): Change {
  return (operations, rng) => {
    const at = rng.below(operations.length);
    return operations.flatMap((operation, i) => (i === at ? change(operation, rng) : [operation]));
  };
}

/** Changes the first operation of these kinds from a place on. */
function first(codes: string, change: (operation: Operation, rng: Rng) => Operation): Change {
  return (operations, rng) => {
    const from = rng.below(operations.length);
    const at = operations.findIndex(({ code }, i) => i >= from && codes.includes(code));
    return operations.map((operation, i) => (i === at ? change(operation, rng) : operation));
  };
}

/** A whole number in the shortest of torch's ways, or in 8 bytes. */
function wholeNumber(value: bigint): Operation {
  if (value >= 0n && value < 256n) return { code: 'K', rest: Buffer.from([Number(value)]) };
  const rest = Buffer.alloc(10);
  rest[0] = 9;
  rest.writeBigUInt64LE(BigInt.asUintN(64, value), 1);
  rest[9] = value < 0n ? 0xff : 0;
  return { code: '\x8a', rest };
}

/** Another offset, shape and strides for a tensor: what stands between its storage and `requires_grad`. */
const layout: Change = (operations, rng) => {
  const from = rng.below(operations.length);
  const storage = operations.findIndex(({ code }, i) => i >= from && code === 'Q');
  const after = operations.findIndex(({ code }, i) => i > storage && (code === '\x88' || code === '\x89'));
  if (storage < 0 || after < 0) return operations;
  const number = (most: number): Operation => wholeNumber(pick(rng, edges.slice(0, 1 + rng.below(most))));
  const tuple = (length: number, most: number): Operation[] => [
    { code: '(', rest: Buffer.alloc(0) },
    ...Array.from({ length }, () => number(most)),
    { code: 't', rest: Buffer.alloc(0) },
  ];
  const axes = rng.below(5);
  const views = [number(4), ...tuple(axes, edges.length), ...tuple(axes, pick(rng, [1, 3, edges.length]))];
  return [...operations.slice(0, storage + 1), ...views, ...operations.slice(after)];
};

const changes: readonly Change[] = [
  first('KMJ\x8a', (_, rng) => wholeNumber(rng.below(4) === 0 ? -pick(rng, edges) : pick(rng, edges))),
  first('KMJ\x8a', (_, rng) => wholeNumber(BigInt(rng.below(30)))),
  first('c', (_, rng) => ({ code: 'c', rest: Buffer.from(`${pick(rng, globals)}\n`) })),
  first('X\x8cC', ({ code, rest }, rng) => {
    const width = code === 'X' ? 4 : 1;
    return { code, rest: Buffer.concat([edgeBytes(rng, width), rest.subarray(width)]) };
  }),
  first(
    'X\x8c',
    (_, rng) =>
      operationsOf(
        Buffer.from(
          text(pick(rng, ['', '0', '1', '../0', 'a/b', '__proto__', 'latin1', '\x1b[2J'])),
          'latin1',
        ),
      )[0],
  ),
  first('qhrj', ({ code, rest }, rng) => ({ code, rest: Buffer.from(rest.map(() => rng.below(32))) })),
  first('t\x85\x86\x87)', (operation, rng) => ({
    ...operation,
    code: pick(rng, ['\x85', '\x86', '\x87', ')', 't']),
  })),
  layout,
  layout,
  one(() => []),
  one((operation) => [operation, operation]),
  one(({ code, rest }, rng) => ({ code: pick(rng, opcodes), rest: code === 'N' ? edgeBytes(rng, 4) : rest })),
  one((operation, rng) => [operation, ...operationsOf(Buffer.from(pick(rng, snippets), 'latin1'))]),
  one((operation, rng) => Array.from({ length: pick(rng, [10, 100, 5000]) }, () => operation)),
  one((operation, rng) => [
    operation,
    ...operationsOf(Buffer.from(']'.repeat(2 ** (2 + rng.below(8))), 'latin1')),
  ]),
  (operations, rng) => {
    const [i, j] = [rng.below(operations.length), rng.below(operations.length)];
    return operations.map((operation, at) => operations[at === i ? j : at === j ? i : at] ?? operation);
  },
  // Pairs of pairs of pairs of the same: each doubles what stands in the whole.
  one((operation, rng) => {
    const places = Array.from({ length: 1 + rng.below(40) }, (_, i) => String.fromCharCode(200 - i));
    const pairs = places.map((place) => `q${place}h${place}\x86`).join('');
    return [operation, ...operationsOf(Buffer.from(`]${pairs}`, 'latin1'))];
  }),
];

export const mutatePickle: Mutate = (bytes, rng, other) => {
  let operations = operationsOf(bytes);
  if (operations.length === 0 || rng.below(20) === 0) return mutateBytes(bytes, rng, other);
  for (let left = fewTimes(rng); left > 0 && operations.length > 0; left--) {
    operations = pick(rng, changes)(operations, rng);
  }
  return pickleOf(operations);
};

// Pickles by hand, opcode for opcode, and by property: what was put in comes out, and nothing else is ever made of it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostPickleBytes } from '../../src/formats/limits.js';
import { MemoryBudget } from '../../src/formats/memory-budget.js';
import { unpickle } from '../../src/formats/pickle.js';
import type { PickleTuple, PickleValue } from '../../src/formats/pickle-values.js';
import type { PlainValue } from '../../src/formats/tensor-file.js';
import { torchContents } from '../../src/formats/torch-contents.js';

const name = { file: 'x.pt', member: 'data.pkl' };

/** Text as bytes of the same code points. */
const bytes = (...parts: string[]): Uint8Array => Buffer.from(parts.join(''), 'latin1');

function values(pickle: Uint8Array, budget = new MemoryBudget('x.pt', mostPickleBytes)): PlainValue {
  return torchContents(unpickle(pickle, name, budget), name, budget).values;
}

function messageOf(pickle: Uint8Array): string {
  try {
    return `read ${JSON.stringify(values(pickle))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('opcodes', () => {
  it.each<[string, string, PlainValue]>([
    ['NONE', 'N', null],
    ['NEWTRUE', '\x88', true],
    ['NEWFALSE', '\x89', false],
    ['BININT', 'J\xfe\xff\xff\xff', -2],
    ['BININT1', 'K\xff', 255],
    ['BININT2', 'M\x01\x02', 513],
    ['LONG1 of no bytes', '\x8a\x00', 0],
    ['LONG1 below 0', '\x8a\x01\xff', -1],
    ['LONG1 above 0', '\x8a\x02\xff\x00', 255],
    ['LONG1 beyond 2⁵³', '\x8a\x08\x01\x00\x00\x00\x00\x00\x00\x40', 2n ** 62n + 1n],
    ['BINFLOAT', 'G\x3f\xb9\x99\x99\x99\x99\x99\x9a', 0.1],
    ['SHORT_BINUNICODE', '\x8c\x03a\xc3\xa9', 'aé'],
    ['BINUNICODE', 'X\x01\x00\x00\x00a', 'a'],
    ['BINUNICODE8', '\x8d\x01\x00\x00\x00\x00\x00\x00\x00a', 'a'],
    ['SHORT_BINBYTES', 'C\x02\x00\xff', '\x00\xff'],
    ['BINBYTES', 'B\x01\x00\x00\x00a', 'a'],
    ['BINBYTES8', '\x8e\x01\x00\x00\x00\x00\x00\x00\x00a', 'a'],
    ['TUPLE', '(K\x01K\x02t', [1, 2]],
    ['TUPLE1, 2, 3', ')K\x01\x85K\x02K\x03\x86\x87', [[], [1], [2, 3]]],
    ['APPEND, APPENDS', ']K\x01a(K\x02K\x03e', [1, 2, 3]],
    ['sets', '\x8f(K\x01\x90(K\x02\x91\x86', [[1], [2]]],
    ['SETITEM, SETITEMS', '}K\x01K\x02s(X\x01\x00\x00\x00aNK\x01K\x03u', { 1: 3, a: null }],
    ['BINPUT, BINGET', ']q\x07K\x01ah\x07\x86', [[1], [1]]],
    ['LONG_BINPUT, LONG_BINGET', 'K\x05r\xff\xff\xff\xffj\xff\xff\xff\xff\x86', [5, 5]],
    ['MEMOIZE', 'K\x05\x94K\x06\x94h\x00h\x01\x86\x87', [5, 6, [5, 6]]],
    ['FRAME', '\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x05', 5],
    ['GLOBAL', 'cmy.module\nThing\n', 'my.module.Thing'],
    ['STACK_GLOBAL', '\x8c\x02my\x8c\x05Thing\x93', 'my.Thing'],
    ['REDUCE', 'ccollections\nOrderedDict\n)R', {}],
    ['NEWOBJ, BUILD', 'cmy\nThing\n)\x81}K\x01K\x02sb', { __class__: 'my.Thing', 1: 2 }],
    ['slots', 'cmy\nThing\n)\x81N}K\x01K\x02s\x86b', { __class__: 'my.Thing', 1: 2 }],
  ])('%s', (_, code, value) => {
    expect(values(bytes('\x80\x02', code, '.'))).toEqual(value);
  });

  it('scalars of NumPy, in both byte orders', () => {
    const type = (code: string, order: string) =>
      `cnumpy\ndtype\nX\x02\x00\x00\x00${code}\x85R(K\x03X\x01\x00\x00\x00${order}NNNtb`;
    const scalar = (code: string, order: string, data: string) =>
      values(bytes(`\x80\x02cnumpy._core.multiarray\nscalar\n${type(code, order)}C\x04${data}\x86R.`));
    expect(scalar('f4', '<', '\x00\x00\x80\x3e')).toBe(0.25);
    expect(scalar('f4', '>', '\x3e\x80\x00\x00')).toBe(0.25);
    expect(scalar('u4', '>', '\x00\x00\x01\x02')).toBe(258);
  });

  it('lists in 64 lists, and no more', () => {
    const nested = (depth: number) => bytes('\x80\x02', ']'.repeat(depth), 'a'.repeat(depth - 1), '.');
    expect(JSON.stringify(values(nested(64)))).toBe('['.repeat(64) + ']'.repeat(64));
    expect(messageOf(nested(65))).toMatch(/it is nested too deeply; expected at most 64 levels/);
  });

  it('keep what is the same in two places the same', () => {
    const pickle = bytes('\x80\x02]q\x00h\x00h\x00K\x01a\x87.');
    const { items } = unpickle(pickle, name, new MemoryBudget('x.pt', 1e4)) as PickleTuple;
    expect(items[0]).toBe(items[2]);
    expect(values(pickle)).toEqual([[1], [1], [1]]);
  });

  it.each([
    ['an unknown opcode', '\x80\x02\xff.', /data\.pkl byte 2: .*found byte 255/],
    ['a protocol of the future', '\x80\x06N.', /byte 0: its protocol cannot be read; found 6/],
    ['no end', '\x80\x02N', /byte 3: it ends too early/],
    ['nothing at all', '', /byte 0: it ends too early/],
    ['nothing left', '\x80\x02.', /byte 2: it stops at the wrong place; found 0 values/],
    ['too much left', '\x80\x02NN.', /found 2 values, 0 bytes after it/],
    ['an open mark', '\x80\x02(N.', /stops at the wrong place/],
    ['more after the end', '\x80\x02N.N', /found 1 values, 1 bytes after it/],
    ['an empty stack', '\x80\x02\x85.', /byte 2: it takes values where there are none/],
    ['a value under a mark', '\x80\x02N(\x85.', /byte 4: it takes values where there are none/],
    ['no mark', '\x80\x02Nt.', /byte 3: it has no mark/],
    ['an empty memo', '\x80\x02h\x00.', /byte 2: it recalls what it has not kept; found 0/],
    ['an append to no list', '\x80\x02}Na.', /byte 4: it adds to what is no list; found a dict/],
    ['a key of no dict', '\x80\x02]NNs.', /it sets what it cannot; found 2 keys and values of a list/],
    ['half a pair', '\x80\x02}(Nu.', /found 1 keys and values of a dict/],
    [
      'text longer than the pickle',
      '\x80\x02X\xff\xff\xff\x7f',
      /byte 2: .*found 0 bytes; expected 2147483647 more/,
    ],
    ['text of 2⁶⁴ bytes', '\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff', /byte 2: it ends too early/],
    ['text that is not UTF-8', '\x80\x02X\x01\x00\x00\x00\xff.', /byte 2: its text is not UTF-8/],
    ['a name without an end', `\x80\x02c${'a'.repeat(300)}\nb\n.`, /byte 2: it names something too long/],
    ['a name that is no text', '\x80\x04K\x01K\x02\x93.', /byte 6: it names something by no name/],
    ['a call of a value', '\x80\x02K\x01)R.', /it calls what has no name; found 1 of \(\)/],
    ['a call without arguments', '\x80\x02cos\nsystem\nNR.', /found os\.system of null/],
    ['a call of a call', '\x80\x02cos\npopen\n)R)R.', /byte 2: it asks for os\.popen/],
    [
      'a call of an attribute',
      '\x80\x04\x8c\x08builtins\x8c\x07getattr\x93)R.',
      /byte 21: it asks for builtins\.getattr/,
    ],
    ['the state of a tensor', '\x80\x02K\x01}b.', /it sets the state of what has none; found 1/],
    [
      'a state that is none',
      '\x80\x02cmy\nThing\n)\x81K\x01b.',
      /its state is not that of an object of my\.Thing; found 1/,
    ],
    ['no storage', '\x80\x02K\x01Q.', /byte 4: it names no storage; found 1/],
    ['a scalar of Python objects', `${scalar('O8')}.`, /a type that cannot be read; found O8/],
    ['a scalar of too few bytes', `${scalar('f8')}.`, /a wrong value; found 4 bytes; expected 8 bytes/],
    ['extensions', '\x80\x02\x82\x01.', /torch\.save does not write; found EXT1/],
    ['buffers outside', '\x80\x05\x97.', /found NEXT_BUFFER/],
  ])('%s is refused', (_, code, message) => {
    expect(messageOf(bytes(code))).toMatch(message);
  });

  function scalar(type: string): string {
    const dtype = `cnumpy\ndtype\nX\x02\x00\x00\x00${type}\x85R`;
    return `\x80\x02cnumpy.core.multiarray\nscalar\n${dtype}C\x04abcd\x86R`;
  }
});

/** Pickles plain values in the way of torch.save. */
function pickled(value: PlainValue): Uint8Array {
  const count = (n: number) => Buffer.from(Uint32Array.of(n).buffer).toString('latin1');
  const text = (v: string) => {
    const encoded = Buffer.from(v, 'utf8').toString('latin1');
    return `X${count(encoded.length)}${encoded}`;
  };
  const code = (v: PlainValue): string => {
    if (v === null) return 'N';
    if (typeof v === 'boolean') return v ? '\x88' : '\x89';
    if (typeof v === 'string') return text(v);
    if (typeof v === 'bigint') {
      return `\x8a\x10${Buffer.from(BigUint64Array.of(v, v >> 64n).buffer).toString('latin1')}`;
    }
    if (typeof v === 'number') {
      if (Number.isInteger(v) && Math.abs(v) < 2 ** 31 && !Object.is(v, -0)) return `J${count(v)}`;
      return `G${Buffer.from(Float64Array.of(v).buffer).reverse().toString('latin1')}`;
    }
    if (Array.isArray(v)) return `](${v.map(code).join('')}e`;
    return `}(${Object.entries(v)
      .map(([key, item]) => text(key) + code(item))
      .join('')}u`;
  };
  return bytes('\x80\x02', code(value), '.');
}

const plain = fc.letrec<{ value: PlainValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 120n }),
    fc.bigInt({ min: -(2n ** 120n), max: -(2n ** 60n) }),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

it('what was put in comes out', () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(values(pickled(value))).toEqual(value);
    }),
  );
});

it('any bytes give a value or an error that names the byte', () => {
  const code = fc.array(fc.constantFrom(...'(.0KNRX]abcjlqstu}\x80\x81\x85\x88\x8c\x93\x94\n\x01\x02'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(code, (code) => {
      expect(messageOf(bytes('\x80\x04', ...code, '.'))).toMatch(
        /^read |^x\.pt, data\.pkl( byte \d+| at .*)?: /,
      );
    }),
    { numRuns: 5000 },
  );
});

describe('memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };

  it.each([
    ['lists', ']'],
    ['lists of one', ']K\x01a'],
    ['dicts of one', '}K\x01K\x02s'],
    ['tuples of one', 'K\x01\x85'],
    ['floats', 'G?\xb9\x99\x99\x99\x99\x99\x9a'],
    ['text', 'X\x64\x00\x00\x00'.concat('\xce\xb2'.repeat(50))],
    ['large numbers', `\x8a\xff${'\x7f'.repeat(255)}`],
    ['objects', 'ca\nb\n)\x81'],
    ['bytes', 'C\x64'.concat('a'.repeat(100))],
    ['bytes out of text', 'c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R'],
  ])('no more is held than was counted: %s', (_, code) => {
    const pickle = bytes('\x80\x04](', code.repeat(20_000), 'e.');
    let counted = 0;
    const budget = new MemoryBudget('x.pt', Number.POSITIVE_INFINITY);
    const take = budget.take.bind(budget);
    budget.take = (bytes, field) => {
      counted += bytes;
      take(bytes, field);
    };
    const before = held();
    let value: PickleValue = unpickle(pickle, name, budget);
    const unpickled = held() - before;
    expect(unpickled).toBeLessThan(counted);
    let contents: unknown = torchContents(value, name, budget);
    value = null;
    expect(held() - before).toBeLessThan(counted);
    expect(contents).toBeDefined();
    contents = undefined;
  });

  it.each([
    ['values', ']'],
    ['places of one value', 'h\x00'],
    ['keeping', '\x94'],
    ['marks', '('],
    ['calls', 'h\x01h\x02h\x03\x86R'],
  ])('too many are refused: %s', (_, code) => {
    const start = `\x80\x04]\x94c_codecs\nencode\n\x94X\xe8\x03\x00\x00${'a'.repeat(1000)}\x94X\x06\x00\x00\x00latin1\x94`;
    expect(messageOf(bytes(start, code.repeat(4_000_000), '.'))).toMatch(
      /data\.pkl byte \d+: its values would take too much memory; found 671\d+ bytes or more; expected at most 67108864/,
    );
  });
});

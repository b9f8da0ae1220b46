// Reads a pickle as torch.save writes it into inert values: never runs, imports or looks up anything.
//
// A pickle is a program for a stack machine. Only the opcodes that torch.save writes are known here (protocols 2 to 5),
// and only calls of a fixed list are understood (pickle-globals.ts). What is outside the list may be named, and an
// object that is made of such a class without arguments is kept as the class's name and the saved state: reading the
// name of a class runs none of its code. Every call outside the list is refused with its name.
// Source: Python's pickletools; torch/_weights_only_unpickler.py for what torch itself takes for safe.
import type { ReseedError } from '../errors.js';
import { containerBytes, type MemoryBudget, placeBytes } from './memory-budget.js';
import { narrowed } from './numpy-scalar.js';
import { longestName, PickleCursor, type PickleName } from './pickle-cursor.js';
import { callGlobal, mayCall } from './pickle-globals.js';
import { opcodeName } from './pickle-opcodes.js';
import {
  kindOf,
  NumpyType,
  PickleDict,
  PickleGlobal,
  PickleInstance,
  PickleList,
  PickleTuple,
  type PickleValue,
} from './pickle-values.js';
import { isTorchType, storageOf } from './torch-tensor.js';

/**
 * The value of a pickle. Lists and dicts may stand in several places of it, and even in themselves.
 * @param name names the pickle in messages
 * @param budget is taken from for all that is held
 * @throws input.format naming the byte: for an opcode that torch.save does not write, a call of anything outside the
 * list, or a pickle that is not sound or takes too much memory
 */
export function unpickle(bytes: Uint8Array, name: PickleName, budget: MemoryBudget): PickleValue {
  return new Unpickler(new PickleCursor(bytes, name, budget)).run();
}

class Unpickler {
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  /** The first name outside the list. */
  private foreign: PickleGlobal | undefined;

  constructor(readonly cursor: PickleCursor) {}

  run(): PickleValue {
    for (;;) {
      const opcode = this.cursor.opcode();
      const name = opcodeName(opcode) ?? `byte ${opcode}`;
      if (name === 'STOP') return this.result();
      if (!Object.hasOwn(operations, name)) {
        const found = this.foreign ? `${name}, after asking for ${this.foreign.name}` : name;
        throw this.cursor.fail('it has an opcode that torch.save does not write', found);
      }
      operations[name](this, this.cursor);
    }
  }

  private result(): PickleValue {
    const { left } = this.cursor;
    if (this.stack.length !== 1 || this.marks.length > 0 || left > 0) {
      const found = `${this.stack.length} values, ${left} bytes after it`;
      throw this.cursor.fail('it stops at the wrong place', found, 'one value and nothing after it');
    }
    return this.stack[0];
  }

  push(value: PickleValue, bytes = 0): void {
    this.cursor.take(placeBytes + bytes);
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  popMany(count: number): PickleValue[] {
    const floor = this.marks.at(-1) ?? 0;
    if (this.stack.length - count < floor) throw this.cursor.fail('it takes values where there are none');
    return this.stack.splice(this.stack.length - count);
  }

  private top(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) {
      throw this.cursor.fail('it takes a value where there is none');
    }
    return this.stack[this.stack.length - 1];
  }

  mark(): void {
    this.cursor.take(placeBytes);
    this.marks.push(this.stack.length);
  }

  /** All values since the last mark, which is taken away. */
  popToMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.cursor.fail('it has no mark to go back to');
    return this.stack.splice(height);
  }

  remember(index = this.memo.size): void {
    this.cursor.take(2 * placeBytes);
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.cursor.fail('it recalls what it has not kept', `${index}`);
    this.push(value);
  }

  pushTuple(items: PickleValue[]): void {
    this.push(new PickleTuple(items), containerBytes + placeBytes * items.length);
  }

  /** Adds to the list on top. */
  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!(list instanceof PickleList)) throw this.cursor.fail('it adds to what is no list', kindOf(list));
    this.cursor.take(placeBytes * items.length);
    for (const item of items) list.items.push(item);
  }

  /** Sets pairs of the dict on top. */
  setItems(pairs: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || pairs.length % 2 !== 0) {
      const found = `${pairs.length} keys and values of ${kindOf(dict)}`;
      throw this.cursor.fail('it sets what it cannot', found, 'pairs of a dict');
    }
    this.cursor.take(placeBytes * pairs.length);
    for (const item of pairs) dict.items.push(item);
  }

  pushGlobal(module: PickleValue, name: PickleValue): void {
    if (typeof module !== 'string' || typeof name !== 'string' || module.length + name.length > longestName) {
      throw this.cursor.fail('it names something by no name', `${kindOf(module)}, ${kindOf(name)}`);
    }
    // Protocol 2 names what Python 3 has as builtins in the way of Python 2.
    const current = module === '__builtin__' ? 'builtins' : module;
    const global = new PickleGlobal(`${current}.${name}`, this.cursor.opcodeAt);
    if (!mayCall(global.name) && !isTorchType(global)) this.foreign ??= global;
    this.push(global, containerBytes);
  }

  call(): void {
    const { callee, args } = this.popCall();
    if (!mayCall(callee.name)) throw this.wouldRunCode(callee);
    const made = callGlobal(callee.name, args, this.cursor.fail);
    this.push(made, 2 * containerBytes + (made instanceof Uint8Array ? made.length : 0));
  }

  instantiate(): void {
    const { callee, args } = this.popCall();
    if (args.items.length > 0) throw this.wouldRunCode(callee);
    this.push(new PickleInstance(callee.name), containerBytes);
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleInstance) {
      target.state = state;
    } else if (target instanceof NumpyType) {
      target.bigEndian = state instanceof PickleTuple && state.items[1] === '>';
    } else if (!(target instanceof PickleDict)) {
      // That of a dict is the `_metadata` of a state dict, which tells versions of layers.
      throw this.cursor.fail('it sets the state of what has none', kindOf(target));
    }
  }

  private popCall(): { readonly callee: PickleGlobal; readonly args: PickleTuple } {
    const [callee, args] = this.popMany(2);
    if (callee instanceof PickleGlobal && args instanceof PickleTuple) return { callee, args };
    throw this.cursor.fail('it calls what has no name', `${kindOf(callee)} of ${kindOf(args)}`);
  }

  /** A call by an opcode that torch.save does not write. */
  refuseCall(callee: PickleValue | undefined): never {
    if (callee instanceof PickleGlobal) throw this.wouldRunCode(callee);
    throw this.cursor.fail('it calls what has no name', kindOf(callee));
  }

  private wouldRunCode({ name, offset }: PickleGlobal): ReseedError {
    const expected =
      'tensors, numbers, text, lists and dicts, as torch.save(model.state_dict(), …) writes them';
    return this.cursor.failAt(offset, `it asks for ${name}, which would run code`, undefined, expected);
  }
}

type Operation = (machine: Unpickler, cursor: PickleCursor) => void;

const operations: Readonly<Record<string, Operation>> = {
  PROTO: (_, c) => {
    const version = c.unsigned(1);
    if (c.opcodeAt !== 0 || version < 2 || version > 5) {
      throw c.fail('its protocol cannot be read', `${version}`, '2 to 5, and once');
    }
  },
  // The length of what follows, for those who read ahead.
  FRAME: (_, c) => void c.length64(),
  NONE: (m) => m.push(null),
  NEWTRUE: (m) => m.push(true),
  NEWFALSE: (m) => m.push(false),
  BININT: (m, c) => m.push(c.int32()),
  BININT1: (m, c) => m.push(c.unsigned(1)),
  BININT2: (m, c) => m.push(c.unsigned(2)),
  LONG1: (m, c) => m.push(narrowed(c.bigInteger())),
  BINFLOAT: (m, c) => m.push(c.float64()),
  SHORT_BINUNICODE: (m, c) => m.push(c.text(c.unsigned(1))),
  BINUNICODE: (m, c) => m.push(c.text(c.unsigned(4))),
  BINUNICODE8: (m, c) => m.push(c.text(c.length64())),
  SHORT_BINBYTES: (m, c) => m.push(c.raw(c.unsigned(1)), containerBytes),
  BINBYTES: (m, c) => m.push(c.raw(c.unsigned(4)), containerBytes),
  BINBYTES8: (m, c) => m.push(c.raw(c.length64()), containerBytes),
  EMPTY_TUPLE: (m) => m.pushTuple([]),
  TUPLE1: (m) => m.pushTuple(m.popMany(1)),
  TUPLE2: (m) => m.pushTuple(m.popMany(2)),
  TUPLE3: (m) => m.pushTuple(m.popMany(3)),
  TUPLE: (m) => m.pushTuple(m.popToMark()),
  MARK: (m) => m.mark(),
  EMPTY_LIST: (m) => m.push(new PickleList(), containerBytes),
  EMPTY_SET: (m) => m.push(new PickleList(), containerBytes),
  APPEND: (m) => m.append([m.pop()]),
  APPENDS: (m) => m.append(m.popToMark()),
  ADDITEMS: (m) => m.append(m.popToMark()),
  FROZENSET: (m) => {
    const items = m.popToMark();
    m.push(new PickleList(), containerBytes);
    m.append(items);
  },
  EMPTY_DICT: (m) => m.push(new PickleDict(), containerBytes),
  SETITEM: (m) => m.setItems(m.popMany(2)),
  SETITEMS: (m) => m.setItems(m.popToMark()),
  BINPUT: (m, c) => m.remember(c.unsigned(1)),
  LONG_BINPUT: (m, c) => m.remember(c.unsigned(4)),
  MEMOIZE: (m) => m.remember(),
  BINGET: (m, c) => m.recall(c.unsigned(1)),
  LONG_BINGET: (m, c) => m.recall(c.unsigned(4)),
  GLOBAL: (m, c) => m.pushGlobal(c.line(), c.line()),
  STACK_GLOBAL: (m) => {
    const [module, name] = m.popMany(2);
    m.pushGlobal(module, name);
  },
  BINPERSID: (m, c) => m.push(storageOf(m.pop(), c.fail), containerBytes),
  REDUCE: (m) => m.call(),
  NEWOBJ: (m) => m.instantiate(),
  NEWOBJ_EX: (m) => m.refuseCall(m.popMany(3)[0]),
  INST: (m, c) => {
    m.pushGlobal(c.line(), c.line());
    m.refuseCall(m.pop());
  },
  OBJ: (m) => m.refuseCall(m.popToMark()[0]),
  BUILD: (m) => m.build(),
};

// What the value of a PyTorch file holds, taken apart: tensors by name, and everything else as plain values.
//
// Dicts and lists nest names, joined by `/`: {'model_state_dict': {'encoder.weight': …}} holds the tensor
// `model_state_dict/encoder.weight`. In the plain values a tensor leaves a gap: nothing in a dict, null in a list.
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { latin1 } from './latin1.js';
import { mostDepth, mostNameLength } from './limits.js';
import { containerBytes, type MemoryBudget, placeBytes, textBytes } from './memory-budget.js';
import type { PickleName } from './pickle-cursor.js';
import {
  kindOf,
  NumpyType,
  PickleDict,
  PickleGlobal,
  PickleInstance,
  PickleList,
  PickleTuple,
  type PickleValue,
  TorchStorage,
  TorchTensor,
} from './pickle-values.js';
import type { PlainValue } from './tensor-file.js';

export interface TorchContents {
  /** In the order of the file. A file that is nothing but a tensor calls it `tensor`. */
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  readonly values: PlainValue;
}

/**
 * Takes a value apart. An object of a class that is only named becomes a map of its state, with the class's name as
 * `__class__`.
 * @param name names the pickle in messages
 * @param budget is taken from for every value, as often as it stands in the whole
 * @throws input.format for a value that holds itself, is nested too deeply, or has keys that make no names
 */
export function torchContents(value: PickleValue, name: PickleName, budget: MemoryBudget): TorchContents {
  const sorter = new Sorter(name, budget);
  const values = sorter.plain(value, []);
  return { tensors: sorter.tensors, values: values === undefined ? {} : values };
}

class Sorter {
  readonly tensors = new Map<string, TorchTensor>();
  /** The containers that hold the one that is being gone through. */
  private readonly around = new Set<PickleValue>();

  constructor(
    private readonly name: PickleName,
    private readonly budget: MemoryBudget,
  ) {}

  /** The plain value, or nothing for a tensor, which is kept by its name. */
  plain(value: PickleValue, path: readonly string[]): PlainValue | undefined {
    this.budget.take(placeBytes, () => this.name.member);
    if (value instanceof TorchTensor) return this.keep(value, path);
    if (value instanceof PickleList || value instanceof PickleTuple) {
      return this.within(value, path, () =>
        value.items.map((item, i) => this.plain(item, [...path, `${i}`]) ?? null),
      );
    }
    if (value instanceof PickleDict || value instanceof PickleInstance) {
      return this.within(value, path, () => this.map(value, path));
    }
    if (value instanceof TorchStorage) throw this.fail(path, 'it is a storage without a tensor');
    if (value instanceof PickleGlobal) return value.name;
    if (value instanceof NumpyType) return value.code;
    if (!(value instanceof Uint8Array)) return value;
    this.budget.take(textBytes(value.length), () => this.name.member);
    return latin1(value);
  }

  private keep(tensor: TorchTensor, path: readonly string[]): undefined {
    const name = path.join('/') || 'tensor';
    this.budget.take(containerBytes + textBytes(name.length), () => this.name.member);
    if (name.length > mostNameLength) {
      const expected = `at most ${mostNameLength} characters`;
      throw this.fail(path, 'the name of its tensor is too long', `${name.length}`, expected);
    }
    if (this.tensors.has(name)) throw this.fail(path, 'two tensors have this name');
    this.tensors.set(name, tensor);
  }

  /** Goes into a container; how deep it goes is limited, so that the stack of calls is too. */
  private within<T>(container: PickleValue, path: readonly string[], go: () => T): T {
    if (this.around.has(container)) throw this.fail(path, 'it holds itself');
    if (this.around.size === mostDepth) {
      throw this.fail(path, 'it is nested too deeply', undefined, `at most ${mostDepth} levels`);
    }
    this.budget.take(containerBytes, () => this.name.member);
    this.around.add(container);
    const made = go();
    this.around.delete(container);
    return made;
  }

  private map(value: PickleDict | PickleInstance, path: readonly string[]): PlainValue {
    const entries = value instanceof PickleDict ? this.entries(value, path) : this.state(value, path);
    const out: [string, PlainValue][] = [];
    for (const [key, { value }] of entries) {
      const made = this.plain(value, [...path, key]);
      if (made !== undefined) out.push([key, made]);
    }
    // Unlike an assignment, this takes `__proto__` for a key like any other.
    return Object.fromEntries(out);
  }

  /** By the text of their keys. */
  private entries({ items }: PickleDict, path: readonly string[]): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      const text = this.keyText(key, path);
      this.budget.take(containerBytes + textBytes(text.length), () => this.name.member);
      const before = entries.get(text);
      if (before && before.key !== key) throw this.fail([...path, text], 'two keys have this name');
      entries.set(text, { key, value: items[i + 1] });
    }
    return entries;
  }

  /** The attributes of an object; those in `__slots__` come as a second dict beside the first. */
  private state({ className, state }: PickleInstance, path: readonly string[]): Map<string, Entry> {
    const parts = state instanceof PickleTuple ? state.items : [state];
    const entries = new Map([['__class__', { key: '__class__', value: className } as Entry]]);
    for (const part of parts) {
      if (part !== null && !(part instanceof PickleDict)) {
        throw this.fail(path, `its state is not that of an object of ${className}`, kindOf(state), 'a dict');
      }
      if (part) for (const [text, entry] of this.entries(part, path)) entries.set(text, entry);
    }
    return entries;
  }

  private keyText(key: PickleValue, path: readonly string[]): string {
    const named = key instanceof PickleGlobal ? key.name : key;
    if (named !== null && typeof named === 'object') {
      throw this.fail(path, 'it has a key that makes no name', kindOf(key), 'text or numbers');
    }
    const text = `${named}`;
    if (text.length > mostNameLength) {
      throw this.fail(
        path,
        'it has a key that is too long',
        `${text.length}`,
        `at most ${mostNameLength} characters`,
      );
    }
    return text;
  }

  private fail(path: readonly string[], problem: string, found?: string, expected?: string): ReseedError {
    const at = path.slice(0, 8).join('/');
    return new ReseedError('input.format', problem, {
      file: this.name.file,
      field: [this.name.member, at && `at ${at}${path.length > 8 ? '/…' : ''}`].filter(Boolean).join(' '),
      ...defined({ found, expected }),
    });
  }
}

interface Entry {
  readonly key: PickleValue;
  readonly value: PickleValue;
}

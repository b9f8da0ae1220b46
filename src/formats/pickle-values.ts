// What a pickle of PyTorch can hold, as inert data: Python's plain values, tensors by the bytes that they lie in, and
// names of things that are never looked up.
import type { ReseedError } from '../errors.js';
import type { Dtype } from './tensor.js';

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleInstance
  | PickleGlobal
  | NumpyType
  | TorchStorage
  | TorchTensor;

/** A list or a set; may stand in several places, as in Python. */
export class PickleList {
  readonly items: PickleValue[] = [];
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A dict of any class that is one; of two equal keys the later holds, as in Python. */
export class PickleDict {
  /** Keys and values by turns. */
  readonly items: PickleValue[] = [];
}

/** An object of a class that is only named: its state as it was saved, which no code of the class has seen. */
export class PickleInstance {
  state: PickleValue = null;
  constructor(readonly className: string) {}
}

/** The name of a class, function or constant. */
export class PickleGlobal {
  constructor(
    /** With its module, as `collections.OrderedDict`. */
    readonly name: string,
    /** Byte of the pickle that asks for it. */
    readonly offset: number,
  ) {}
}

/** A dtype of NumPy, which only scalars need. */
export class NumpyType {
  bigEndian = false;
  constructor(
    /** Kind and width, as `f8`. */
    readonly code: string,
  ) {}
}

/** Bytes beside the pickle in which tensors lie. */
export class TorchStorage {
  constructor(
    /** Of its elements; absent where the tensors in it say it. */
    readonly dtype: Dtype | undefined,
    readonly key: string,
    /** Elements, or bytes where there is no dtype. */
    readonly count: number,
  ) {}
}

/** A view of a storage: element [i, j, …] is number offset + i·strides[0] + j·strides[1] + … of it. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly dtype: Dtype,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** The error for what stands at the opcode that is being read. */
export type Fail = (problem: string, found?: string, expected?: string) => ReseedError;

/** What a value is, in a few words, for messages. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value instanceof PickleTuple) {
    const { items } = value;
    return `(${items.slice(0, 8).map(briefly).join(', ')}${items.length > 8 ? ', …' : ''})`;
  }
  return briefly(value);
}

function briefly(value: PickleValue): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value === null || typeof value !== 'object') return `${value}`;
  if (value instanceof PickleGlobal) return value.name;
  if (value instanceof PickleInstance) return `a ${value.className}`;
  if (value instanceof PickleList) return 'a list';
  if (value instanceof PickleTuple) return 'a tuple';
  if (value instanceof PickleDict) return 'a dict';
  if (value instanceof TorchStorage) return 'a storage';
  if (value instanceof TorchTensor) return 'a tensor';
  return value instanceof NumpyType ? 'a NumPy type' : 'bytes';
}

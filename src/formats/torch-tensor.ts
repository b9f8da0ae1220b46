// Tensors and their storages as a pickle of PyTorch describes them; nothing of their bytes is read here.
// Source: torch.serialization (persistent_id), torch._utils (_rebuild_tensor_v2, _rebuild_tensor_v3).
import { mostDimensions } from './limits.js';
import {
  type Fail,
  kindOf,
  PickleDict,
  PickleGlobal,
  PickleTuple,
  type PickleValue,
  TorchStorage,
  TorchTensor,
} from './pickle-values.js';
import type { Dtype } from './tensor.js';

const typedStorages: Readonly<Record<string, Dtype>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** Of element types that are younger than the typed storages; _rebuild_tensor_v3 then says the type. */
const untypedStorage = 'torch.storage.UntypedStorage';

const dtypes: Readonly<Record<string, Dtype>> = {
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint64': 'U64',
  'torch.uint32': 'U32',
  'torch.uint16': 'U16',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
};

/** Whether a name is that of an element type, or of a storage of one. */
export function isTorchType({ name }: PickleGlobal): boolean {
  return name === untypedStorage || Object.hasOwn(typedStorages, name) || Object.hasOwn(dtypes, name);
}

/**
 * The storage that a persistent id names: ('storage', its class, key, device, number of elements).
 * @throws input.format when it is anything else, or of a type that cannot be read
 */
export function storageOf(id: PickleValue, fail: Fail): TorchStorage {
  const parts = id instanceof PickleTuple ? id.items : [];
  const [word, type, key, , count] = parts;
  if (parts.length !== 5 || word !== 'storage' || typeof key !== 'string' || !isCount(count)) {
    throw fail('it names no storage', kindOf(id), "('storage', class, key, device, number of elements)");
  }
  if (type instanceof PickleGlobal && type.name === untypedStorage) {
    return new TorchStorage(undefined, key, count);
  }
  return new TorchStorage(named(typedStorages, type, fail), key, count);
}

/** The arguments of torch's own functions of this purpose, by name. */
export interface TensorArguments {
  readonly storage: PickleValue | undefined;
  readonly offset: PickleValue | undefined;
  readonly shape: PickleValue | undefined;
  readonly strides: PickleValue | undefined;
  /** {'conj': …, 'neg': …} where a tensor stands for its conjugate or negative. */
  readonly metadata: PickleValue | undefined;
  /** Where the storage has none. */
  readonly dtype?: PickleValue | undefined;
}

/** @throws input.format when the arguments do not describe a tensor whose values stand in its storage as they are */
export function rebuildTensor(args: TensorArguments, fail: Fail): TorchTensor {
  const { storage, offset, metadata } = args;
  if (!(storage instanceof TorchStorage)) throw fail('its tensor has no storage', kindOf(storage));
  if (!isCount(offset)) throw fail('its tensor has a wrong offset', kindOf(offset), expectedCounts);
  const shape = counts('shape', args.shape, fail);
  const strides = counts('strides', args.strides, fail);
  if (shape.length !== strides.length) {
    throw fail('its tensor has wrong strides', `${strides.length}`, `${shape.length}, one for each axis`);
  }
  if (metadata instanceof PickleDict && metadata.items.includes(true)) {
    const expected = 'values as they are, as .resolve_neg() and .resolve_conj() give them';
    throw fail('its tensor is a lazy negative or conjugate', undefined, expected);
  }
  const dtype = storage.dtype ?? named(dtypes, args.dtype, fail);
  return new TorchTensor(storage, dtype, offset, shape, strides);
}

const expectedCounts = 'whole numbers below 2⁵³, none negative';

function named(table: Readonly<Record<string, Dtype>>, value: PickleValue | undefined, fail: Fail): Dtype {
  if (value instanceof PickleGlobal && Object.hasOwn(table, value.name)) return table[value.name];
  const expected = Object.keys(dtypes).join(', ');
  throw fail('its tensor has an element type that cannot be read', kindOf(value), expected);
}

function counts(what: string, value: PickleValue | undefined, fail: Fail): number[] {
  const items = value instanceof PickleTuple ? value.items : undefined;
  if (items && items.length > mostDimensions) {
    throw fail('its tensor has too many dimensions', `${items.length}`, `at most ${mostDimensions}`);
  }
  if (items?.every(isCount)) return [...items];
  throw fail(`its tensor has wrong ${what}`, kindOf(value), expectedCounts);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

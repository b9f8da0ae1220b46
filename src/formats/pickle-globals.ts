// The fixed list of what a pickle may call, with what each call makes; nothing outside it is ever called or looked up.
// Source: what torch.save writes (torch/_utils.py), and NumPy's scalars, which stand among the metrics of checkpoints.
import { numpyScalar } from './numpy-scalar.js';
import {
  type Fail,
  kindOf,
  NumpyType,
  PickleDict,
  PickleList,
  PickleTuple,
  type PickleValue,
  TorchTensor,
} from './pickle-values.js';
import { rebuildTensor } from './torch-tensor.js';

type Call = (args: readonly PickleValue[], fail: Fail) => PickleValue;

const calls: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': () => new PickleDict(),
  // Its argument makes what is missing; a checkpoint misses nothing.
  'collections.defaultdict': () => new PickleDict(),
  'builtins.set': only(PickleList),
  'builtins.frozenset': only(PickleList),
  '_codecs.encode': latin1Bytes,
  'numpy.dtype': ([code], fail) => {
    if (typeof code !== 'string') throw fail('it makes a NumPy type without a name', kindOf(code));
    return new NumpyType(code);
  },
  'numpy.core.multiarray.scalar': numpyScalar,
  'numpy._core.multiarray.scalar': numpyScalar,
  'torch.Size': only(PickleTuple),
  'torch.device': ([type, index], fail) => {
    if (typeof type !== 'string') throw fail('it makes a device without a name', kindOf(type));
    return typeof index === 'number' ? `${type}:${index}` : type;
  },
  'torch._utils._rebuild_parameter': only(TorchTensor),
  'torch._utils._rebuild_parameter_with_state': only(TorchTensor),
  'torch._utils._rebuild_tensor_v2': ([storage, offset, shape, strides, , , metadata], fail) =>
    rebuildTensor({ storage, offset, shape, strides, metadata }, fail),
  'torch._utils._rebuild_tensor_v3': ([storage, offset, shape, strides, , , dtype, metadata], fail) =>
    rebuildTensor({ storage, offset, shape, strides, metadata, dtype }, fail),
};

/** Whether a name is on the list. */
export function mayCall(name: string): boolean {
  return Object.hasOwn(calls, name);
}

/**
 * What calling a name on the list gives.
 * @throws input.format when it is not called as torch.save has it called
 */
export function callGlobal(name: string, { items }: PickleTuple, fail: Fail): PickleValue {
  return calls[name](items, fail);
}

/** A call that gives its first argument back, which must be of this class. */
function only(type: typeof PickleList | typeof PickleTuple | typeof TorchTensor): Call {
  return ([first], fail) => {
    if (first instanceof type) return first;
    throw fail('it calls something with a wrong argument', kindOf(first));
  };
}

/** Bytes, which protocol 2 writes as text of the same code points. */
function latin1Bytes([text, encoding]: readonly PickleValue[], fail: Fail): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1') {
    throw fail('it makes bytes of something else than latin-1', kindOf(encoding));
  }
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

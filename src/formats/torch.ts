// PyTorch's .pt files: a zip file with a pickle, `<prefix>/data.pkl`, which describes tensors as views of storages, and
// a member `<prefix>/data/<key>` for each storage.
//
// Views are honoured as they are: many columns-first weights are saved so (a clone of a transposed matrix keeps its
// strides), and tensors may share a storage. Source: torch.serialization (_save, _load).
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { mostPickleBytes } from './limits.js';
import { MemoryBudget } from './memory-budget.js';
import { unpickle } from './pickle.js';
import type { TorchStorage } from './pickle-values.js';
import { checkStored } from './stored-tensor.js';
import { dtypeBytes } from './tensor.js';
import { type LocatedTensor, type TensorFile, tensorFile } from './tensor-file.js';
import { torchContents } from './torch-contents.js';
import type { Zip } from './zip-members.js';

const mainPickle = /^([^/]+)\/data\.pkl$/;

/** Whether a zip file is one of PyTorch's, TorchScript included. */
export function isTorch(zip: Zip): boolean {
  return [...zip.members.keys()].some((name) => mainPickle.test(name));
}

/**
 * The tensors of a file that torch.save wrote, named by the dicts and lists that they stand in; what else it holds is
 * in `values`.
 * @param zip the members of `source`
 * @throws input.format for a pickle that would run code or is not sound, a storage that does not fit, a tensor outside
 * its storage; input.file
 */
export async function torchFile(source: ByteSource, zip: Zip): Promise<TensorFile> {
  const prefix = prefixOf(source, zip);
  const name = { file: source.name, member: `${prefix}/data.pkl` };
  const bigEndian = await isBigEndian(source, zip, prefix);
  const pickle = await zip.member(name.member);
  if (pickle.size > mostPickleBytes) {
    throw new ReseedError('input.format', 'its pickle is too long', {
      file: pickle.name,
      found: `${pickle.size} bytes`,
      expected: `at most ${mostPickleBytes}: tensors lie beside it`,
    });
  }
  const bytes = await pickle.read(new Uint8Array(pickle.size), 0);
  const budget = new MemoryBudget(source.name, mostPickleBytes);
  const { tensors, values } = torchContents(unpickle(bytes, name, budget), name, budget);
  const storages = new Map<string, ByteSource>();
  const located: LocatedTensor[] = [];
  for (const [tensorName, { storage, dtype, offset, shape, strides }] of tensors) {
    const member = `${prefix}/data/${storage.key}`;
    const data = storages.get(member) ?? (await zip.member(member));
    storages.set(member, data);
    checkStorage(data, storage, tensorName);
    const begin = offset * dtypeBytes[dtype];
    const tensor = { name: tensorName, dtype, shape, strides, begin, bigEndian, source: data };
    checkStored(data, tensor);
    located.push(tensor);
  }
  return tensorFile('torch', source, located, values);
}

function prefixOf(source: ByteSource, zip: Zip): string {
  const names = [...zip.members.keys()];
  const prefixes = names.flatMap((name) => mainPickle.exec(name)?.[1] ?? []);
  const [prefix] = prefixes;
  if (prefixes.length !== 1) {
    throw new ReseedError('input.format', 'it holds more than one file of PyTorch', {
      file: source.name,
      found: prefixes.map((name) => `${name}/data.pkl`).join(', '),
      expected: 'one data.pkl',
    });
  }
  if (
    zip.members.has(`${prefix}/constants.pkl`) ||
    names.some((name) => name.startsWith(`${prefix}/code/`))
  ) {
    throw new ReseedError('input.format', 'it is a TorchScript program, not a file of tensors', {
      file: source.name,
      expected: "torch.save(torch.jit.load(file, map_location='cpu').state_dict(), …)",
    });
  }
  return prefix;
}

/** Files of before PyTorch 2.1 do not say it, and are little-endian. */
async function isBigEndian(source: ByteSource, zip: Zip, prefix: string): Promise<boolean> {
  const member = `${prefix}/byteorder`;
  if (!zip.members.has(member)) return false;
  const bytes = await zip.member(member);
  const start = await bytes.read(new Uint8Array(Math.min(bytes.size, 'little'.length + 1)), 0);
  const order = new TextDecoder('latin1').decode(start);
  if (order === 'little' || order === 'big') return order === 'big';
  throw new ReseedError('input.format', 'its byte order is unknown', {
    file: source.name,
    field: `member ${member}`,
    found: order,
    expected: 'little or big',
  });
}

function checkStorage(data: ByteSource, { dtype, count }: TorchStorage, tensor: string): void {
  const expected = count * (dtype === undefined ? 1 : dtypeBytes[dtype]);
  if (data.size === expected) return;
  throw new ReseedError('input.format', 'its storage has another size than the pickle says', {
    file: data.name,
    field: `tensor ${tensor}`,
    found: `${data.size} bytes`,
    expected: dtype === undefined ? `${expected}` : `${expected} for ${count} of ${dtype}`,
  });
}

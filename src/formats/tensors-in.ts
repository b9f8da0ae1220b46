// Tells by its first bytes, never by its name, what container of tensors a source of bytes is, and reads what it holds.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { npyFile, npyMagic } from './npy.js';
import { npzFile } from './npz.js';
import { refuseOldTorch } from './old-torch.js';
import { safetensorsFile } from './safetensors.js';
import type { TensorFile } from './tensor-file.js';
import { isTorch, torchFile } from './torch.js';
import type { Zip } from './zip-members.js';

const zipMagics = [
  [0x50, 0x4b, 0x03, 0x04],
  // A zip file without members has only its end.
  [0x50, 0x4b, 0x05, 0x06],
];

/** Byte 8 of a safetensors file begins its header: {. */
const headerBrace = 0x7b;

/**
 * The tensors in `source`, which must stay open as long as they are read.
 * @param readZip reads the members of a zip file
 * @throws input.format naming what was found and what can be read; input.file
 */
export async function tensorsIn(
  source: ByteSource,
  readZip: (source: ByteSource) => Promise<Zip>,
): Promise<TensorFile> {
  const start = await source.read(new Uint8Array(Math.min(9, source.size)), 0);
  const beginsWith = (magic: readonly number[]) => magic.every((byte, i) => start[i] === byte);
  if (beginsWith(npyMagic)) return npyFile(source);
  if (start[8] === headerBrace) return safetensorsFile(source);
  if (zipMagics.some(beginsWith)) {
    const zip = await readZip(source);
    return isTorch(zip) ? torchFile(source, zip) : npzFile(source, zip);
  }
  await refuseOldTorch(source);
  throw new ReseedError('input.format', 'it is not a file of tensors that can be read', {
    file: source.name,
    found: start.length === 0 ? 'an empty file' : `bytes ${[...start].join(' ')} first`,
    expected: 'safetensors, .npy, .npz or a .pt file of PyTorch',
  });
}

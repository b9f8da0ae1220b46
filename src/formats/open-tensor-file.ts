// Opens a file of tensors, whatever container it is: its first bytes decide, never its name.
import { ReseedError } from '../errors.js';
import { type ByteSource, withSource } from './byte-source.js';
import { npyFile, npyMagic } from './npy.js';
import { npzFile } from './npz.js';
import { refuseOldTorch } from './old-torch.js';
import { safetensorsFile } from './safetensors.js';
import type { TensorFile } from './tensor-file.js';
import { isTorch, torchFile } from './torch.js';
import { readZip } from './zip.js';

/**
 * What `use` makes of a file of tensors, which is closed afterwards.
 * @throws input.file when it cannot be read; input.format when it is no sound file of a known kind; and what `use`
 * throws of its own
 */
export function openTensorFile<T>(file: string, use: (tensors: TensorFile) => Promise<T>): Promise<T> {
  return withSource(file, async (source) => use(await tensorFileOf(source)));
}

const zipMagics = [
  [0x50, 0x4b, 0x03, 0x04],
  // A zip file without members has only its end.
  [0x50, 0x4b, 0x05, 0x06],
];

/** Byte 8 of a safetensors file begins its header: {. */
const headerBrace = 0x7b;

/**
 * The tensors in `source`, which must stay open as long as they are read.
 * @throws input.format naming what was found and what can be read; input.file
 */
export async function tensorFileOf(source: ByteSource): Promise<TensorFile> {
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

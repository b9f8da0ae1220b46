// Files of PyTorch that are no zip files: recognised, to say how to save them again; they are not read.
// Source: torch.serialization (_legacy_save: a magic number as the first pickle; before it, a tar file).
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { latin1 } from './latin1.js';
import { mostPickleBytes } from './limits.js';
import { MemoryBudget } from './memory-budget.js';
import { unpickle } from './pickle.js';

/** The bytes of 0x1950a86a20f9469cfc6c, least first, in the first pickle of the file; as text of one character a byte. */
const magicNumber = latin1(Uint8Array.of(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
/** Where a tar file says what it is. */
const tarMagic = { at: 257, text: 'ustar' };
const proto = 0x80;
const plainPickle = 'a pickle that was not written by torch.save';

/**
 * @throws input.format where the source is in a format of PyTorch from before the zip files (1.6), or a pickle by
 * itself: one that would run code is refused with the name of what it asks for
 */
export async function refuseOldTorch(source: ByteSource): Promise<void> {
  const start = await source.read(new Uint8Array(Math.min(512, source.size)), 0);
  const found = what(start);
  if (found === undefined) return;
  if (found === plainPickle && source.size <= mostPickleBytes) {
    const bytes = await source.read(new Uint8Array(source.size), 0);
    const budget = new MemoryBudget(source.name, mostPickleBytes);
    unpickle(bytes, { file: source.name, member: 'pickle' }, budget);
  }
  throw new ReseedError('input.format', 'it is in a format of PyTorch that is not read', {
    file: source.name,
    found,
    expected:
      "a zip file, as torch.save(torch.load(file, map_location='cpu', weights_only=True), …) makes one with PyTorch 1.6 or newer",
  });
}

function what(start: Uint8Array): string | undefined {
  if (latin1(start.subarray(0, 32)).includes(magicNumber)) return "torch.save's format of before PyTorch 1.6";
  if (latin1(start.subarray(tarMagic.at, tarMagic.at + tarMagic.text.length)) === tarMagic.text) {
    return 'a tar file, as of before PyTorch 0.2';
  }
  return start[0] === proto ? plainPickle : undefined;
}

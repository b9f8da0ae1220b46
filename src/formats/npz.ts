// NumPy's .npz files: a zip file with one .npy file for each array. Source: numpy.savez and numpy.load.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { readNpyHeader, unreadableType } from './npy.js';
import { type LocatedTensor, type TensorFile, tensorFile } from './tensor-file.js';
import type { Zip } from './zip-members.js';

const suffix = '.npy';

/**
 * The arrays of a .npz file, named as their members without `.npy`; reads their headers and nothing else.
 * @param zip the members of `source`
 * Arrays of another type are skipped.
 * @throws input.format when a member is not a sound .npy file; input.file
 */
export async function npzFile(source: ByteSource, zip: Zip): Promise<TensorFile> {
  const tensors: LocatedTensor[] = [];
  const skipped = new Map<string, ReseedError>();
  for (const member of zip.members.keys()) {
    if (!member.endsWith(suffix)) {
      throw new ReseedError('input.format', 'it is a zip file, but not one that NumPy or PyTorch wrote', {
        file: source.name,
        found: `member ${member}`,
        expected: `members that end in ${suffix}, or a data.pkl in a folder`,
      });
    }
    const name = member.slice(0, -suffix.length);
    try {
      tensors.push(await readNpyHeader(await zip.member(member), name));
    } catch (error) {
      // Text and objects beside arrays of numbers: nobody may want them.
      if (!(error instanceof ReseedError) || error.details.field !== unreadableType) throw error;
      skipped.set(name, error);
    }
  }
  return { ...tensorFile('npz', source, tensors), ...(skipped.size > 0 ? { skipped } : {}) };
}

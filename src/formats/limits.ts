// What a file may make us allocate or go through, however much it claims.
// The memory of one tensor is bounded by the file that it comes from; counts and depths are bounded outright, far above
// what any real file has.

const mebibyte = 2 ** 20;

/** Most bytes of one tensor out of a source of so many: float16 doubles when it is widened; a view may repeat itself. */
export function mostTensorBytes(sourceBytes: number): number {
  return Math.max(64 * mebibyte, 2 * sourceBytes);
}

/** Most bytes that all deflated members together may claim to be, in a zip file of so many. */
export function mostInflatedBytes(fileBytes: number): number {
  return 64 * mebibyte + 8 * fileBytes;
}

/** Most bytes of the header of a safetensors file: the limit of the reference implementation. */
export const mostSafetensorsHeader = 100_000_000;

/** Most brackets, commas, colons and strings in such a header: what some 100 000 tensors take. */
export const mostHeaderMarks = 3_000_000;

/** Most bytes of the header of a .npy file; one of an array of numbers has 128. */
export const mostNpyHeader = 2 ** 16;

/** Most members of a zip file. */
export const mostMembers = 10_000;

/** Most characters of the name of a tensor, or of a key that is a part of it. */
export const mostNameLength = 4096;

/** Most dimensions of a tensor: those of NumPy. */
export const mostDimensions = 64;

/** Most bytes of the pickle of a PyTorch file, and most that the values in it may take in memory. */
export const mostPickleBytes = 64 * mebibyte;

/** Most dicts and lists within each other in a PyTorch file, and objects and lists in a configuration. */
export const mostDepth = 64;

// Cuts work into pieces whose size does not depend on the number of threads.

/** Cuts 0 … n into ranges of at most `size`; one empty range when n = 0. */
export function ranges(n: number, size: number): { from: number; to: number }[] {
  const count = Math.max(1, Math.ceil(n / size));
  return Array.from({ length: count }, (_, i) => ({ from: i * size, to: Math.min(n, (i + 1) * size) }));
}

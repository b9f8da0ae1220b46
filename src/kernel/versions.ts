// Versions of the kernel's operations: raised when an operation gives other bytes. Results that are kept are keyed by them.
//
// Both kernels give the same bytes, so neither a kernel's name nor its code path is part of a key.

export const kernelVersions = {
  bestMatches: 1,
  coFiring: 1,
  assign: 2,
  assignCodes: 2,
  topSubspace: 1,
  gram: 1,
  encode: 1,
  trainTopK: 2,
  trainDense: 1,
} as const;

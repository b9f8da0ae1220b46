// Matrices, sparse codes and random numbers: the values that every other stage works on.
export * from './matrix.js';
export * from './rng.js';
export * from './sparse-codes.js';

// The portable implementation of the spectrum operations.
import { requireSubspaceSize, type Spectrum, subspaceFrom } from '../spectrum.js';
import { symmetricEigenvalues, topEigenvectors } from './eigen.js';
import { gram } from './gram.js';

export const portableSpectrum: Spectrum = {
  gram,
  symmetricEigenvalues,
  topSubspace(m, r) {
    requireSubspaceSize(r, m.cols);
    const { values, vectors } = topEigenvectors(gram(m, { centred: false }), m.cols, r);
    return subspaceFrom(values, vectors, r);
  },
};

// How many directions the rows of a matrix really use: exp of the entropy of its singular values, centred.
//
// erank(X) = exp(−Σ pᵢ ln pᵢ), pᵢ = σᵢ/Σσ, σ the singular values of X less its column means.
// Source: Roy and Vetterli, "The effective rank", EUSIPCO 2007.

/**
 * Effective rank from the eigenvalues [size] of XᵀX, X [N×d] less its column means: σᵢ is the root of one. Between 1 and
 * min(N − 1, d); 0 when all rows are equal.
 * @param size of the matrix that they are of; below size·2⁻⁵² of the largest an eigenvalue is rounding noise, whose root would
 * look like a singular value of 1e-8
 */
export function effectiveRankOf(eigenvalues: ArrayLike<number>, size: number): number {
  const values = Array.from(eigenvalues);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const noise = size * Number.EPSILON * largest;
  const sigma = values.filter((value) => value > noise).map(Math.sqrt);
  if (sigma.length === 0) return 0;
  const total = sigma.reduce((sum, s) => sum + s, 0);
  return Math.exp(-sigma.reduce((sum, s) => sum + (s / total) * Math.log(s / total), 0));
}

// Integrals of smooth functions of one variable, by adaptive Simpson with Richardson's correction.
// Source: Lyness, "Notes on the adaptive Simpson quadrature routine", JACM 16(3), 1969.

/** Panels to start from, so that a narrow step is not stepped over. */
const panels = 64;
const deepest = 40;

/** ∫ f from `low` to `high`, absolute error about `tolerance`. */
export function integrate(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  const width = (high - low) / panels;
  let total = 0;
  for (let p = 0; p < panels; p++) {
    const a = low + p * width;
    const b = p === panels - 1 ? high : a + width;
    const ends = [f(a), f(0.5 * (a + b)), f(b)] as const;
    total += panel(f, a, b, ends, tolerance / panels, deepest);
  }
  return total;
}

/** One panel [a, b] with f at its left end, middle and right end. */
function panel(
  f: (x: number) => number,
  a: number,
  b: number,
  [left, middle, right]: readonly [number, number, number],
  tolerance: number,
  depth: number,
): number {
  const m = 0.5 * (a + b);
  const leftMiddle = f(0.5 * (a + m));
  const rightMiddle = f(0.5 * (m + b));
  const whole = ((b - a) / 6) * (left + 4 * middle + right);
  const halves = ((b - a) / 12) * (left + 4 * leftMiddle + 2 * middle + 4 * rightMiddle + right);
  const error = (halves - whole) / 15;
  if (depth === 0 || Math.abs(error) <= tolerance) return halves + error;
  return (
    panel(f, a, m, [left, leftMiddle, middle], tolerance / 2, depth - 1) +
    panel(f, m, b, [middle, rightMiddle, right], tolerance / 2, depth - 1)
  );
}

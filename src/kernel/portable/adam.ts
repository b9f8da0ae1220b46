// Adam with bias correction (Kingma & Ba 2015), in float32 as the peers have it.
//
// m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − lr/(1 − β₁ᵗ)·m / (√v/√(1 − β₂ᵗ) + ε)
// Every operation is rounded to float32, constants too. Rounding the float64 result of one operation on float32
// values is the same as float32 arithmetic (Figueroa, "When is double rounding innocuous?", 1995).

export interface AdamHyper {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Updates `count` entries of w, m and v from `at` on, by the gradient's first `count`, in place. */
export type AdamUpdate = (
  w: Float32Array,
  m: Float32Array,
  v: Float32Array,
  at: number,
  gradient: Float64Array | Float32Array,
  count: number,
) => void;

/** Moments below this count as 0: they move nothing, and arithmetic on subnormal numbers is very slow. */
const LEAST = 2 ** -100;

/** Step t = 1, 2, … at this learning rate. */
export function adamStep(hyper: AdamHyper, learningRate: number, t: number): AdamUpdate {
  const { fround, sqrt, abs } = Math;
  const [beta1, keep1] = [fround(hyper.beta1), fround(1 - hyper.beta1)];
  const [beta2, keep2] = [fround(hyper.beta2), fround(1 - hyper.beta2)];
  const epsilon = fround(hyper.epsilon);
  const stepSize = fround(learningRate / (1 - hyper.beta1 ** t));
  // One division less for every parameter.
  const scale = fround(1 / sqrt(1 - hyper.beta2 ** t));
  return (w, m, v, at, gradient, count) => {
    for (let j = 0; j < count; j++) {
      const g = fround(gradient[j]);
      const first = fround(fround(beta1 * m[at + j]) + fround(keep1 * g));
      const second = fround(fround(beta2 * v[at + j]) + fround(fround(keep2 * g) * g));
      const kept = abs(first) < LEAST ? 0 : first;
      const keptSquare = second < LEAST ? 0 : second;
      m[at + j] = kept;
      v[at + j] = keptSquare;
      const root = fround(fround(fround(sqrt(keptSquare)) * scale) + epsilon);
      w[at + j] = fround(w[at + j] - fround(fround(stepSize * kept) / root));
    }
  };
}

// AdamW: Adam with weight decay that acts on the weights directly, not through the gradient.
// m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w(1 − ηλ) − η m̂ / (√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
// Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.

export interface AdamWHyper {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The optimiser of one array of weights. */
export class AdamW {
  readonly #hyper: AdamWHyper;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #step = 0;

  constructor(size: number, hyper: AdamWHyper) {
    this.#hyper = hyper;
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
  }

  /**
   * One step: changes `weights` in place.
   * @param share of the learning rate to go with, 0 … 1, for a warm-up
   */
  update(weights: Float32Array, gradient: Float32Array, share = 1): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#hyper;
    const learningRate = this.#hyper.learningRate * share;
    this.#step++;
    const correction1 = 1 - beta1 ** this.#step;
    const correction2 = 1 - beta2 ** this.#step;
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i];
      const m = beta1 * this.#first[i] + (1 - beta1) * g;
      const v = beta2 * this.#second[i] + (1 - beta2) * g * g;
      this.#first[i] = m;
      this.#second[i] = v;
      const change = m / correction1 / (Math.sqrt(v / correction2) + epsilon);
      weights[i] = weights[i] * (1 - learningRate * weightDecay) - learningRate * change;
    }
  }
}

// The gradients of a TopK autoencoder feature by feature, and the optimiser step that they make.
//
//   ∂D_i = Σ z_i·R;  ∂W_i = Σ ∂z_i·c;  ∂b_i = Σ ∂z_i;  ∂b_d = Σ R_0 − s·Σ_i ∂b_i·W_i, s = 1 if c = x − b_d, else 0
// over the entries of feature i, those of D and W in float32 (combine32.ts). A feature without entries and with moments that are 0 is left alone: Adam
// would not move it. Each feature is moved as soon as its gradients are complete, but if they are clipped: then all wait,
// in float32, for their norm.
import type { TopKHyper, TopKState, TopKWeights } from '../top-k.js';
import { type AdamUpdate, adamStep } from './adam.js';
import type { BatchRows } from './batch-rows.js';
import { squareSum } from './combine.js';
import { addRows32 } from './combine32.js';
import type { EntriesByFeature } from './top-k-entries.js';
import type { TopKPass } from './top-k-pass.js';
import { clipScale, normaliseRow, projectRow } from './unit-rows.js';

/** Of one feature, and of the decoder bias. */
interface Gradient {
  readonly encoder: Float32Array;
  readonly decoder: Float32Array;
  readonly encoderBias: Float64Array;
  readonly decoderBias: Float64Array;
}

/** A batch after its pass, as the update reads it. */
interface Passed {
  readonly entries: EntriesByFeature;
  /** Rows of residuals, and of what is encoded. */
  readonly residuals: Float32Array;
  readonly inputs: Float32Array;
}

export class TopKUpdate {
  readonly #state: TopKState;
  readonly #hyper: TopKHyper;
  /** Gradient of one feature at a time, and of the decoder bias. */
  readonly #gradient: Gradient;
  /** Features with non-zero moments: 1, else 0 [F]. */
  readonly #moving: Uint8Array;
  /** Gradients of all features, where they are clipped. */
  readonly #kept: TopKWeights | undefined;

  constructor(state: TopKState, hyper: TopKHyper) {
    const { features, width } = state;
    this.#state = state;
    this.#hyper = hyper;
    this.#gradient = {
      encoder: new Float32Array(width),
      encoderBias: new Float64Array(1),
      decoder: new Float32Array(width),
      decoderBias: new Float64Array(width),
    };
    this.#moving = movingFeatures(state);
    this.#kept =
      hyper.clipNorm === undefined
        ? undefined
        : {
            encoder: new Float32Array(features * width),
            encoderBias: new Float32Array(features),
            decoder: new Float32Array(features * width),
            decoderBias: new Float32Array(0),
          };
  }

  /** Takes the step of a pass, in place. */
  step(pass: TopKPass, batch: BatchRows, learningRate: number): void {
    const { state } = this;
    state.step++;
    const adam = adamStep(this.#hyper, learningRate, state.step);
    const passed = passedOf(pass, batch);
    pass.decoderBiasGradient(batch, this.#gradient.decoderBias);
    if (this.#kept === undefined) this.#moveAll(passed, adam);
    else this.#moveClipped(passed, adam, this.#kept);
    const { decoderBias } = this.#gradient;
    const { weights, first, second, width } = state;
    adam(weights.decoderBias, first.decoderBias, second.decoderBias, 0, decoderBias, width);
  }

  /** All gradients of a pass, before any projection or clipping. */
  gradients(pass: TopKPass, batch: BatchRows): Record<keyof TopKWeights, Float64Array> {
    const { features, width } = this.state;
    const passed = passedOf(pass, batch);
    pass.decoderBiasGradient(batch, this.#gradient.decoderBias);
    const all = {
      encoder: new Float64Array(features * width),
      encoderBias: new Float64Array(features),
      decoder: new Float64Array(features * width),
      decoderBias: this.#gradient.decoderBias,
    };
    for (let i = 0; i < features; i++) {
      this.#sum(passed, i);
      all.encoder.set(this.#gradient.encoder, i * width);
      all.encoderBias.set(this.#gradient.encoderBias, i);
      all.decoder.set(this.#gradient.decoder, i * width);
    }
    return all;
  }

  get state(): TopKState {
    return this.#state;
  }

  #isStill({ starts }: EntriesByFeature, i: number): boolean {
    return starts[i] === starts[i + 1] && this.#moving[i] === 0;
  }

  #moveAll(passed: Passed, adam: AdamUpdate): void {
    const { features, width, weights } = this.state;
    const { normaliseDecoder } = this.#hyper;
    for (let i = 0; i < features; i++) {
      const still = this.#isStill(passed.entries, i);
      if (!still) this.#sum(passed, i);
      if (normaliseDecoder === 'before') normaliseRow(weights.decoder, i * width, width);
      if (!still) {
        this.#project(i);
        this.#move(i, adam);
      }
      if (normaliseDecoder === 'after') normaliseRow(weights.decoder, i * width, width);
    }
  }

  #moveClipped(passed: Passed, adam: AdamUpdate, kept: TopKWeights): void {
    const { features, width, weights } = this.state;
    const { normaliseDecoder, clipNorm = 0 } = this.#hyper;
    const gradient = this.#gradient;
    let squares = 0;
    for (let i = 0; i < features; i++) {
      const still = this.#isStill(passed.entries, i);
      if (!still) this.#sum(passed, i);
      if (normaliseDecoder === 'before') normaliseRow(weights.decoder, i * width, width);
      if (still) continue;
      this.#project(i);
      const [bias] = gradient.encoderBias;
      squares += squareSum(gradient.encoder, 0, width) + squareSum(gradient.decoder, 0, width) + bias * bias;
      kept.encoder.set(gradient.encoder, i * width);
      kept.decoder.set(gradient.decoder, i * width);
      kept.encoderBias[i] = bias;
    }
    squares += squareSum(gradient.decoderBias, 0, width);
    const scale = clipScale(squares, clipNorm);
    for (let i = 0; i < features; i++) {
      if (!this.#isStill(passed.entries, i)) {
        for (let j = 0; j < width; j++) {
          gradient.encoder[j] = scale * kept.encoder[i * width + j];
          gradient.decoder[j] = scale * kept.decoder[i * width + j];
        }
        gradient.encoderBias[0] = scale * kept.encoderBias[i];
        this.#move(i, adam);
      }
      if (normaliseDecoder === 'after') normaliseRow(weights.decoder, i * width, width);
    }
    for (let j = 0; j < width; j++) gradient.decoderBias[j] = scale * Math.fround(gradient.decoderBias[j]);
  }

  /** Gradients of feature i; what it adds to ∂b_d too. */
  #sum({ entries, residuals, inputs }: Passed, i: number): void {
    const { width, weights } = this.state;
    const { encoder, decoder, encoderBias, decoderBias } = this.#gradient;
    const [from, to] = [entries.starts[i], entries.starts[i + 1]];
    encoder.fill(0);
    decoder.fill(0);
    addRows32(decoder, 0, width, entries.codes, entries.residuals, from, to, residuals);
    addRows32(encoder, 0, width, entries.pulls, entries.rows, from, to, inputs);
    let bias = 0;
    for (let s = from; s < to; s++) bias += entries.pulls[s];
    encoderBias[0] = bias;
    if (!this.#hyper.subtractDecoderBias) return;
    for (let j = 0; j < width; j++) decoderBias[j] -= bias * weights.encoder[i * width + j];
  }

  #project(i: number): void {
    const { width, weights } = this.state;
    if (this.#hyper.projectGradient) projectRow(this.#gradient.decoder, 0, weights.decoder, i * width, width);
  }

  #move(i: number, adam: AdamUpdate): void {
    const { width, weights, first, second } = this.state;
    const gradient = this.#gradient;
    this.#moving[i] = 1;
    for (const name of ['encoder', 'decoder'] as const) {
      adam(weights[name], first[name], second[name], i * width, gradient[name], width);
    }
    adam(weights.encoderBias, first.encoderBias, second.encoderBias, i, gradient.encoderBias, 1);
  }
}

function passedOf(pass: TopKPass, batch: BatchRows): Passed {
  return { entries: pass.byFeature(batch), residuals: pass.residuals, inputs: pass.inputs };
}

/** Which features have moments that are not all 0: those that took part in some earlier step. */
function movingFeatures({ features, width, first, second }: TopKState): Uint8Array {
  const moving = new Uint8Array(features);
  for (let i = 0; i < features; i++) {
    const isMoving = (m: TopKWeights): boolean =>
      m.encoderBias[i] !== 0 ||
      anyNonZero(m.encoder, i * width, width) ||
      anyNonZero(m.decoder, i * width, width);
    if (isMoving(first) || isMoving(second)) moving[i] = 1;
  }
  return moving;
}

function anyNonZero(values: Float32Array, at: number, n: number): boolean {
  for (let j = 0; j < n; j++) if (values[at + j] !== 0) return true;
  return false;
}

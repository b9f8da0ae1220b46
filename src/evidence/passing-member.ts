// What one SAE makes of the activations while a pass goes over them: its codes, how often each feature fires, how well it fits.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import { type Fit, fitOf, squaredErrors } from '../sae/fit.js';
import { dSae, type Sae } from '../sae/sae.js';
import type { ColumnMoments } from '../stats/column-moments.js';
import { type Matrix, takeRows } from '../tensor/matrix.js';
import { type SparseCodes, takeCodeRows } from '../tensor/sparse-codes.js';
import { everyNth, KeptCodes, KnownCodes } from './kept-codes.js';

/** What a member is to the pass. */
export interface Encoding {
  readonly sae: Sae;
  readonly untrained?: Sae;
  readonly codes?: SparseCodes;
}

/** What it has made of all rows. */
export interface Encoded {
  readonly codes: SparseCodes;
  readonly firing: Int32Array;
  readonly untrained?: SparseCodes;
  readonly fit?: Fit;
}

/** The same of the rows that are not left out. */
export interface OfOthers {
  readonly firing: Int32Array;
  readonly fit?: Fit;
}

export class PassingMember {
  readonly #firing: Int32Array;
  readonly #codes: KeptCodes;
  readonly #known: KnownCodes | undefined;
  readonly #untrained: KeptCodes | undefined;
  #errors = 0;
  #active = 0;
  #leftOut: { firing: Int32Array; errors: number; active: number } | undefined;

  constructor(
    private readonly member: Encoding,
    private readonly kernel: Kernel,
  ) {
    const { sae, untrained, codes } = member;
    this.#firing = new Int32Array(dSae(sae));
    this.#codes = new KeptCodes(dSae(sae));
    this.#known = codes && new KnownCodes(codes);
    this.#untrained = untrained && new KeptCodes(dSae(untrained));
  }

  /** Bytes of the codes that are kept. */
  get bytes(): number {
    return (this.#known ?? this.#codes).bytes + (this.#untrained?.bytes ?? 0);
  }

  /** Keeps the codes of every second of the rows whose codes were kept. */
  async halve(): Promise<void> {
    await (this.#known ?? this.#codes).halve();
    await this.#untrained?.halve();
  }

  /**
   * Takes the rows from row `from` on, and keeps the codes of those that `stride` divides.
   * @param target what it should write for them, where that is known
   * @throws internal.cancelled
   */
  async add(
    block: Matrix,
    from: number,
    stride: number,
    work: WorkOptions,
    target: Matrix | undefined,
  ): Promise<void> {
    const { sae, untrained } = this.member;
    const to = from + block.rows;
    const codes = this.#known?.block(from, to) ?? (await encode(sae, block, this.kernel, work));
    for (let e = 0; e < codes.indices.length; e++) this.#firing[codes.indices[e]]++;
    this.#active += codes.indices.length;
    if (target) {
      for (const error of await squaredErrors(sae, block, codes, target, this.kernel, work))
        this.#errors += error;
    }
    if (this.#known) this.#known.reach(to);
    else this.#codes.add(everyNth(codes, from, stride));
    if (!untrained) return;
    const rows = everyNthRow(block, from, stride);
    if (rows.rows > 0) this.#untrained?.add(await encode(untrained, rows, this.kernel, work));
  }

  /**
   * Leaves out rows that have been taken, once all have been.
   * @param chosen their numbers @param target what it should write for them, where that is known
   */
  async leaveOut(block: Matrix, chosen: Int32Array, work: WorkOptions, target: Matrix | undefined) {
    const { sae, codes: known } = this.member;
    const codes = known ? takeCodeRows(known, chosen) : await encode(sae, block, this.kernel, work);
    this.#leftOut ??= { firing: new Int32Array(dSae(sae)), errors: 0, active: 0 };
    const left = this.#leftOut;
    for (const feature of codes.indices) left.firing[feature]++;
    left.active += codes.indices.length;
    if (!target) return;
    for (const error of await squaredErrors(sae, block, codes, target, this.kernel, work))
      left.errors += error;
  }

  /**
   * What it makes of the rows that have not been left out so far; undefined where none has.
   * @param moments of what it should have written for these, where that is known
   */
  ofOthers(moments?: ColumnMoments): OfOthers | undefined {
    const left = this.#leftOut;
    return (
      left && {
        firing: this.#firing.map((count, feature) => count - left.firing[feature]),
        ...(moments ? { fit: this.#fit(moments, left.errors, left.active) } : {}),
      }
    );
  }

  /** Once all rows have been taken. @param moments of what it should have written, where that is known */
  async finish(moments?: ColumnMoments): Promise<Encoded> {
    const untrained = await this.#untrained?.take();
    return {
      codes: await (this.#known ?? this.#codes).take(),
      firing: this.#firing,
      ...(untrained ? { untrained } : {}),
      ...(moments ? { fit: this.#fit(moments, 0, 0) } : {}),
    };
  }

  /** Without what rows that are left out add to the sums. */
  #fit(moments: ColumnMoments, errors: number, active: number): Fit {
    return fitOf({
      rows: moments.rows,
      width: moments.shift.length,
      errors: this.#errors - errors,
      spread: moments.spread(),
      active: this.#active - active,
    });
  }
}

/** Of rows that begin with row `from` of all those that `stride` divides; copied where not all of them. */
export function everyNthRow(block: Matrix, from: number, stride: number): Matrix {
  if (stride === 1) return block;
  const rows: number[] = [];
  for (let n = (stride - (from % stride)) % stride; n < block.rows; n += stride) rows.push(n);
  return takeRows(block, rows);
}

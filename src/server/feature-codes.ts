// Codes of the SAEs on some rows of activations, to see whether a feature and its partner fire together.

import { openActivations } from '../activations/activation-rows.js';
import { takeActivationRows } from '../activations/chosen-rows.js';
import type { Kernel } from '../kernel/interface.js';
import { selectKernel } from '../kernel/select.js';
import { encode } from '../sae/encode.js';
import type { Sae } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

/** Rows that stand for all, evenly spaced: a wide SAE still encodes them while somebody waits. */
const mostRows = 4096;

export class CodeReader {
  readonly #codes = new Map<string, Promise<SparseCodes | undefined>>();

  private constructor(
    private readonly x: Matrix,
    private readonly kernel: Kernel,
  ) {}

  /** @throws as `openActivations` */
  static async open(path: string): Promise<CodeReader> {
    const all = await openActivations(path);
    const n = Math.min(mostRows, all.rows);
    const rows = Int32Array.from({ length: n }, (_, i) => Math.floor((i * all.rows) / n));
    const x = await takeActivationRows(all, rows);
    await all.close();
    return new CodeReader(x, selectKernel({}));
  }

  get rows(): number {
    return this.x.rows;
  }

  /** Cosine of the codes of two features over the rows, not centred, as in activation.max; undefined where one never fires. */
  async cosine(a: CodesOf, b: CodesOf): Promise<number | undefined> {
    const [mine, theirs] = [await this.#column(a), await this.#column(b)];
    if (!mine || !theirs) return undefined;
    let [dot, aa, bb] = [0, 0, 0];
    for (let n = 0; n < mine.length; n++) {
      dot += mine[n] * theirs[n];
      aa += mine[n] * mine[n];
      bb += theirs[n] * theirs[n];
    }
    return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : undefined;
  }

  close(): Promise<void> {
    return this.kernel.close();
  }

  /** [rows] codes of one feature; undefined where its SAE does not read such activations. */
  async #column({ id, sae, feature }: CodesOf): Promise<Float32Array | undefined> {
    if (sae.encoder.cols !== this.x.cols) return undefined;
    const known = this.#codes.get(id) ?? encode(sae, this.x, this.kernel).catch(() => undefined);
    this.#codes.set(id, known);
    const codes = await known;
    if (!codes) return undefined;
    const column = new Float32Array(codes.rows);
    for (let n = 0; n < codes.rows; n++) {
      for (let e = codes.offsets[n]; e < codes.offsets[n + 1]; e++) {
        if (codes.indices[e] === feature) column[n] = codes.values[e];
      }
    }
    return column;
  }
}

interface CodesOf {
  readonly id: string;
  readonly sae: Sae;
  readonly feature: number;
}

// Rows at length 1, made once for all that compare them.
//
// Most metrics look at the same rows: making them again, and finding out what they hold, takes as long as reading the SAE.
// Of small groups all are held. Of large ones only those that are in use, and then those used last until others are asked
// for, which take over their memory: left to the garbage collector, the rows of many pairs would pile up.
import type { WorkOptions } from '../../kernel/interface.js';
import { type Matrix, normalisedRows, rowNorms } from '../../tensor/matrix.js';

/** Rows of a matrix that are to be of length 1. */
export interface Scaled {
  readonly rows: Matrix;
  /** Which of them, ascending; none has norm 0. */
  readonly features: Int32Array;
}

/** How pairs of sets of rows are compared. */
export interface PairWork extends WorkOptions {
  /** Holds unit rows for others that ask for the same; its own where absent. */
  readonly units?: UnitRows;
}

interface Held extends Scaled {
  readonly unit: Matrix;
  users: number;
}

export class UnitRows {
  /** The one used last comes last. */
  #held: Held[] = [];
  readonly #norms = new WeakMap<Matrix, Float64Array>();

  /** @param most bytes up to which rows are held although nobody uses them */
  constructor(readonly most = 2 ** 28) {}

  /**
   * The rows of a matrix, which must not change, that have a direction.
   * @param chosen these of them, ascending; all where absent
   */
  directed(rows: Matrix, chosen?: Int32Array): Scaled {
    const norms = this.#normsOf(rows);
    return { rows, features: (chosen ?? Int32Array.from(norms.keys())).filter((i) => norms[i] > 0) };
  }

  /** Does something with these rows at length 1, each [n × d]; they are good until it is done. */
  async use<T>(wanted: readonly Scaled[], work: (units: readonly Matrix[]) => Promise<T>): Promise<T> {
    const taken = wanted.map((one) => this.#take(one));
    try {
      return await work(taken.map(({ unit }) => unit));
    } finally {
      for (const held of taken) held.users--;
    }
  }

  /** Lets go of what nobody uses, beyond what is held in any case: for others that need much memory. */
  release(): void {
    this.#makeRoom(0);
  }

  #normsOf(rows: Matrix): Float64Array {
    const norms = this.#norms.get(rows) ?? rowNorms(rows);
    this.#norms.set(rows, norms);
    return norms;
  }

  #take({ rows, features }: Scaled): Held {
    const known = this.#held.find((held) => held.rows === rows && isSame(held.features, features));
    const length = features.length * rows.cols;
    const held = known ?? {
      rows,
      features,
      unit: normalisedRows(rows, features, this.#normsOf(rows), this.#makeRoom(4 * length, length)),
      users: 0,
    };
    held.users++;
    this.#held = [...this.#held.filter((other) => other !== held), held];
    return held;
  }

  /** Lets go of the ones used longest ago, up to one of this length, whose memory is returned. */
  #makeRoom(bytes: number, length?: number): Float32Array | undefined {
    let spare: Float32Array | undefined;
    let sum = this.#held.reduce((total, { unit }) => total + unit.data.byteLength, bytes);
    this.#held = this.#held.filter(({ users, unit: { data } }) => {
      if (sum <= this.most || users > 0 || spare) return true;
      sum -= data.byteLength;
      if (data.length === length) spare = data;
      return false;
    });
    return spare;
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}

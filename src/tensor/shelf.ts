// A shelf of large arrays that are made, or read again, whenever somebody asks for them: so that matrices may take more memory, all
// together, than there is.
//
// What was asked for longest ago goes first when the shelf is full. Whoever holds the values of a matrix may go on using them; asking
// the matrix again later may make them anew, the same to the bit.
import type { Matrix } from './matrix.js';

/** What the values of some matrices come from, which are made together. */
export type MakeArrays = () => readonly Float32Array[];

export class Shelf {
  /** The one that was put there last comes last. */
  #held: Source[] = [];
  #bytes = 0;

  /** @param most bytes that are held, but never less than three of the largest */
  constructor(readonly most: number) {}

  /** A matrix whose values are made when they are asked for. @param make gives rows·cols values, always the same */
  matrix(rows: number, cols: number, make: () => Float32Array): Matrix {
    return this.together([[rows, cols]], () => [make()])[0];
  }

  /** Matrices of these shapes that are made by one call. */
  together(shapes: readonly (readonly [rows: number, cols: number])[], make: MakeArrays): Matrix[] {
    const source = new Source(make, this);
    return shapes.map(([rows, cols], at) => new ShelvedMatrix(rows, cols, source, at));
  }

  /** @internal */
  put(source: Source, bytes: number): void {
    this.#held.push(source);
    this.#bytes += bytes;
    const most = Math.max(this.most, 3 * Math.max(...this.#held.map((one) => one.bytes)));
    while (this.#bytes > most && this.#held[0] !== source) {
      const first = this.#held.shift() as Source;
      if (first.usedSince()) {
        this.#held.push(first);
        continue;
      }
      this.#bytes -= first.bytes;
      first.letGo();
    }
  }
}

/** Of one or several matrices. */
class Source {
  bytes = 0;
  #arrays: readonly Float32Array[] | undefined;
  /** As long as somebody else holds them they are in memory anyway. */
  #known: readonly WeakRef<Float32Array>[] = [];
  #used = false;

  constructor(
    private readonly make: MakeArrays,
    private readonly shelf: Shelf,
  ) {}

  at(index: number): Float32Array {
    this.#used = true;
    return this.#arrays ? this.#arrays[index] : (this.#known[index]?.deref() ?? this.#fetch()[index]);
  }

  /** Whether it was asked for since this was asked last, or since it was put up. */
  usedSince(): boolean {
    const used = this.#used;
    this.#used = false;
    return used;
  }

  letGo(): void {
    this.#arrays = undefined;
  }

  #fetch(): readonly Float32Array[] {
    const arrays = this.make();
    this.#arrays = arrays;
    this.#known = arrays.map((array) => new WeakRef(array));
    this.bytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
    this.#used = false;
    this.shelf.put(this, this.bytes);
    return arrays;
  }
}

class ShelvedMatrix implements Matrix {
  constructor(
    readonly rows: number,
    readonly cols: number,
    private readonly source: Source,
    private readonly index: number,
  ) {}

  get data(): Float32Array {
    return this.source.at(this.index);
  }
}

/** Whether the values of a matrix are on a shelf: then asking for them may take long. */
export function isShelved(matrix: Matrix): boolean {
  return matrix instanceof ShelvedMatrix;
}

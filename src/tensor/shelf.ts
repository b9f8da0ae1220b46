// A shelf of large arrays that are made, or read again, whenever somebody asks for them: so that matrices may take more memory, all
// together, than there is.
//
// What was asked for longest ago goes first when the shelf is full. Whoever holds the values of a matrix may go on using them; asking
// the matrix again later may make them anew, the same to the bit. What is let go is collected at once: left to itself, V8 would let
// many times the memory pile up, since of a large array it only sees the small object in front of it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Matrix } from './matrix.js';

/** What the values of some matrices come from, which are made together. */
export type MakeArrays = () => readonly Float32Array[];

/** Bytes that may be gone and not be collected. */
const collected = 2 ** 26;

export class Shelf {
  /** The one that was put there last comes last. */
  #held: Source[] = [];
  #bytes = 0;
  /** Bytes that were let go since the last collection. */
  #gone = 0;

  /** @param most bytes that are held, but never less than three of the largest */
  constructor(readonly most: number) {}

  /** A matrix whose values are made when they are asked for. @param make gives rows·cols values, always the same */
  matrix(rows: number, cols: number, make: () => Float32Array): Matrix {
    return this.together([[rows, cols]], () => [make()])[0];
  }

  /** Matrices of these shapes that are made by one call. */
  together(shapes: readonly (readonly [rows: number, cols: number])[], make: MakeArrays): Matrix[] {
    const bytes = shapes.reduce((sum, [rows, cols]) => sum + 4 * rows * cols, 0);
    const source = new Source(make, bytes, this);
    return shapes.map(([rows, cols], at) => new ShelvedMatrix(rows, cols, source, at));
  }

  /** Makes room for what is about to be made, and holds it from then on. @internal */
  take(source: Source): void {
    this.#held.push(source);
    this.#bytes += source.bytes;
    const most = Math.max(this.most, 3 * Math.max(...this.#held.map((one) => one.bytes)));
    let gone = 0;
    while (this.#bytes > most && this.#held[0] !== source) {
      const first = this.#held.shift() as Source;
      if (first.usedSince()) {
        this.#held.push(first);
        continue;
      }
      this.#bytes -= first.bytes;
      gone += first.bytes;
      first.letGo();
    }
    this.#gone += gone;
    // Small ones are not worth a collection each.
    if (this.#gone < Math.min(collected, most / 4)) return;
    this.#gone = 0;
    collectGarbage();
  }

  /** @internal */
  drop(source: Source): void {
    this.#held = this.#held.filter((one) => one !== source);
    this.#bytes -= source.bytes;
  }
}

/** Of one or several matrices. */
class Source {
  #arrays: readonly Float32Array[] | undefined;
  #used = false;

  constructor(
    private readonly make: MakeArrays,
    readonly bytes: number,
    private readonly shelf: Shelf,
  ) {}

  at(index: number): Float32Array {
    this.#used = true;
    return (this.#arrays ?? this.#fetch())[index];
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
    this.shelf.take(this);
    this.#used = false;
    try {
      this.#arrays = this.make();
    } catch (error) {
      this.shelf.drop(this);
      throw error;
    }
    return this.#arrays;
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

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/** Whether the values of a matrix are on a shelf: then asking for them may take long. */
export function isShelved(matrix: Matrix): boolean {
  return matrix instanceof ShelvedMatrix;
}

// Counts the memory that the values of a file take, about as V8 lays them out, and stops before it is too much.
import { ReseedError } from '../errors.js';

/** What a value takes, in bytes, at the most: a place in a list or on a stack, with a number in it. */
export const placeBytes = 24;
/** An empty list, dict or object, with room for its first values. */
export const containerBytes = 160;

/** The bytes of a text. */
export function textBytes(length: number): number {
  return 24 + 2 * length;
}

export class MemoryBudget {
  private spent = 0;

  constructor(
    private readonly file: string,
    private readonly limit: number,
  ) {}

  /**
   * @param field names in messages where the bytes are needed
   * @throws input.format when all that was taken goes beyond the limit
   */
  take(bytes: number, field: () => string): void {
    this.spent += bytes;
    if (this.spent <= this.limit) return;
    throw new ReseedError('input.format', 'its values would take too much memory', {
      file: this.file,
      field: field(),
      found: `${this.spent} bytes or more`,
      expected: `at most ${this.limit}, beside the tensors`,
    });
  }
}

// Takes the tensors of a checkpoint one by one, says what each was taken for, and leaves none over in silence.
import { ReseedError } from '../errors.js';
import { dtypeBytes, float32Values, type TensorEntry, valueCount } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';
import { type Matrix, transpose } from '../tensor/matrix.js';
import type { Assumption } from './source.js';

export class WeightReader {
  readonly #taken = new Set<string>();
  readonly assumptions: Assumption[] = [];

  /**
   * @param layout whose names these are, for messages and assumptions
   * @param prefix of the names of all tensors that are the SAE's, as `model_state_dict/`
   */
  constructor(
    private readonly tensors: TensorFile,
    private readonly layout: string,
    private readonly prefix = '',
  ) {}

  get file(): string {
    return this.tensors.file;
  }

  has(name: string): boolean {
    return this.tensors.tensors.has(this.prefix + name);
  }

  /** Lengths of a tensor's axes. @throws input.format where it is absent, input.shape where it has another rank or an axis of 0 */
  shape(name: string, rank: number): readonly number[] {
    const entry = this.#entry(name);
    if (entry.shape.length !== rank || entry.shape.includes(0)) {
      throw this.wrongShape(name, rank === 2 ? 'two axes, none empty' : `${rank} axes, none empty`);
    }
    return entry.shape;
  }

  /** A matrix stored as [rows × cols]. @param each what a row is of */
  async rows(name: string, rows: number, cols: number, taken: string, each = 'feature'): Promise<Matrix> {
    const data = await this.#values(name, [rows, cols]);
    this.#note(name, `${taken}, one row a ${each}`);
    return { rows, cols, data };
  }

  /** A matrix [rows × cols] that is stored the other way round, [cols × rows]. @param each what a column is of */
  async columns(name: string, rows: number, cols: number, taken: string, each = 'feature'): Promise<Matrix> {
    const data = await this.#values(name, [cols, rows]);
    this.#note(name, `${taken}, one column a ${each}`);
    // Only the outline of the file is read: there is nothing to turn round.
    if (data.length === 0) return { rows, cols, data };
    return transpose({ rows: cols, cols: rows, data });
  }

  /** A tensor of any rank, its last axis the fastest. */
  async values(name: string, shape: readonly number[], taken: string): Promise<Float32Array> {
    const data = await this.#values(name, shape);
    this.#note(name, taken);
    return data;
  }

  vector(name: string, length: number, taken: string): Promise<Float32Array> {
    return this.values(name, [length], taken);
  }

  /** A tensor with one number of any type; its axes may all have length 1. */
  async scalar(name: string, taken: string): Promise<number> {
    if (this.#entry(name).shape.some((n) => n !== 1)) throw this.wrongShape(name, 'a single number');
    const { data } = await this.tensors.read(this.prefix + name);
    this.#note(name, taken);
    return Number(data[0]);
  }

  /** Tensors that do not bear on encoding or decoding; those that are absent are no matter. */
  leave(names: readonly string[], because: string): void {
    for (const name of names) {
      if (!this.has(name)) continue;
      this.#taken.add(this.prefix + name);
      this.assumptions.push({ of: this.#described(name), taken: 'nothing', because });
    }
  }

  /** What was taken for granted besides tensors. */
  assume(of: string, taken: string, because: string): void {
    this.assumptions.push({ of, taken, because });
  }

  /** @throws input.format where a tensor was neither taken nor left: then the file is not what it was read as */
  requireAllTaken(): void {
    const names = [...this.tensors.tensors.keys()].filter((name) => name.startsWith(this.prefix));
    const over = names.filter((name) => !this.#taken.has(name));
    if (over.length === 0) return;
    throw new ReseedError('input.format', `it holds tensors that ${this.layout} does not have`, {
      file: this.file,
      field: `tensor ${over[0]}`,
      found: over.slice(0, 8).join(', '),
      expected: `${[...this.#taken].join(', ')} and no others, or --ignore ${over[0]}, where it changes nothing`,
    });
  }

  wrongShape(name: string, expected: string): ReseedError {
    const shape = this.tensors.tensors.get(this.prefix + name)?.shape ?? [];
    return new ReseedError('input.shape', 'it has the wrong shape', {
      file: this.file,
      field: `tensor ${this.prefix}${name}`,
      found: `[${shape.join(' × ')}]`,
      expected,
    });
  }

  #entry(name: string): TensorEntry {
    const entry = this.tensors.tensors.get(this.prefix + name);
    if (!entry) {
      throw new ReseedError('input.format', `it is not there, and ${this.layout} has it`, {
        file: this.file,
        field: `tensor ${this.prefix}${name}`,
        found: [...this.tensors.tensors.keys()].slice(0, 12).join(', ') || 'no tensors',
        expected: this.prefix + name,
      });
    }
    return entry;
  }

  async #values(name: string, shape: readonly number[]): Promise<Float32Array> {
    const { shape: found, dtype } = this.#entry(name);
    if (found.length !== shape.length || found.some((n, axis) => n !== shape[axis]))
      throw this.wrongShape(name, `[${shape.join(' × ')}]`);
    const { format, file, size } = this.tensors;
    const bytes = valueCount(found) * dtypeBytes[dtype];
    // A stride of 0 lets a few values stand for many. Weights are all there; an .npz may have packed them.
    if (format !== 'npz' && bytes > size) {
      throw new ReseedError('input.format', 'it claims more values than its file holds', {
        file,
        field: `tensor ${this.prefix}${name}`,
        found: `${dtype} [${found.join(' × ')}], ${bytes} bytes`,
        expected: `at most the ${size} of the file`,
      });
    }
    const tensor = await this.tensors.read(this.prefix + name);
    return float32Values(tensor, this.file, `tensor ${this.prefix}${name}`);
  }

  #note(name: string, taken: string): void {
    this.#taken.add(this.prefix + name);
    this.assumptions.push({ of: this.#described(name), taken, because: this.layout });
  }

  #described(name: string): string {
    const { shape = [], dtype = '' } = this.tensors.tensors.get(this.prefix + name) ?? {};
    return `${this.prefix}${name} ${dtype} [${shape.join(' × ')}]`;
  }
}

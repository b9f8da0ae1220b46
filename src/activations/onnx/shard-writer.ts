// Runs a model on sequences, and writes the rows that are taken of them as a shard.
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { writeFileAtomic } from '../../formats/atomic-write.js';
import { encodeSafetensors } from '../../formats/safetensors.js';
import type { Tensor } from '../../formats/tensor.js';
import { narrowToFloat16, widenFloat16 } from '../../tensor/dtype.js';
import type { Context } from './contexts.js';
import { feedsOf } from './feeds.js';
import type { OnnxModel } from './graph.js';
import type { Output, Session } from './runtime.js';
import type { Tensor3 } from './sites.js';

export interface ShardOptions {
  readonly model: OnnxModel;
  /** Inputs that the tensors need. */
  readonly inputs: readonly string[];
  readonly tensors: readonly Tensor3[];
  /** What each of them is called in the shard. */
  readonly asked: readonly string[];
  /** Sequences that the model reads at once. */
  readonly batch: number;
  readonly float16: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the model on the sequences of a shard, and writes their rows. */
export class ShardWriter {
  constructor(
    private readonly options: ShardOptions,
    private readonly session: Session,
  ) {}

  /** @param begin rows before these, for messages */
  async write(path: string, contexts: readonly Context[], begin: number): Promise<void> {
    const { batch, float16, tensors, asked, signal } = this.options;
    const rows = contexts.reduce((sum, { kept }) => sum + kept.length, 0);
    const all = tensors.map(({ width }) => new Float32Array(rows * width));
    let at = 0;
    for (let from = 0; from < contexts.length; from += batch) {
      throwIfCancelled(signal);
      const part = contexts.slice(from, from + batch);
      const states = await this.#run(part);
      for (const [t, { width }] of tensors.entries()) {
        let row = at;
        for (const [i, { kept, ids }] of part.entries()) {
          for (const position of kept) {
            const first = (i * ids.length + position) * width;
            all[t].set(states[t].subarray(first, first + width), row++ * width);
          }
        }
      }
      at += part.reduce((sum, { kept }) => sum + kept.length, 0);
    }
    const stored = tensors.map(({ width }, t): [string, Tensor] => {
      const shape = [rows, width];
      const where: Place = { width, begin, tensor: asked[t], file: this.options.model.file };
      requireFinite(all[t], where);
      return [
        asked[t],
        float16 ? { shape, data: narrowed(all[t], where), dtype: 'F16' } : { shape, data: all[t] },
      ];
    });
    await writeFileAtomic(path, encodeSafetensors(Object.fromEntries(stored)));
  }

  /** Of each tensor its rows [batch · length × d]. */
  async #run(contexts: readonly Context[]): Promise<Float32Array[]> {
    const { model, tensors, inputs } = this.options;
    const { length } = contexts[0].ids;
    const ids = new Int32Array(contexts.length * length);
    for (const [i, one] of contexts.entries()) ids.set(one.ids, i * length);
    const names = [...new Set(tensors.map(({ name }) => name))];
    const found = await this.session.run(feedsOf(model, inputs, ids, contexts.length), names);
    return tensors.map(({ name, width }) =>
      valuesOf(found[name], [contexts.length, length, width], model.file, name),
    );
  }
}

function valuesOf(
  { dims, data }: Output,
  shape: readonly number[],
  file: string,
  name: string,
): Float32Array {
  if (dims.join() !== shape.join()) {
    throw new ReseedError('input.shape', 'the model gives a tensor of another shape', {
      file,
      field: `tensor ${name}`,
      found: `[${dims.join(' × ')}]`,
      expected: `[${shape.join(' × ')}]`,
    });
  }
  if (data instanceof Float32Array) return data;
  if (!(data instanceof Uint16Array)) return Float32Array.from(data as ArrayLike<number>);
  const out = new Float32Array(data.length);
  widenFloat16(data, out);
  return out;
}

/** Where values of a shard are, for messages. */
interface Place {
  readonly width: number;
  /** Rows before these. */
  readonly begin: number;
  readonly tensor: string;
  readonly file: string;
}

function requireFinite(values: Float32Array, place: Place): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new ReseedError('input.non-finite', 'the model gives values that are not finite', {
    ...at(place, wrong),
    found: String(values[wrong]),
  });
}

function narrowed(values: Float32Array, place: Place): Uint16Array {
  const bits = narrowToFloat16(values);
  const wrong = bits.findIndex((one) => (one & 0x7fff) === 0x7c00);
  if (wrong < 0) return bits;
  throw new ReseedError('input.non-finite', 'a value is too large for float16', {
    ...at(place, wrong),
    found: String(values[wrong]),
    expected: 'at most 65504; no --float16',
  });
}

function at({ width, begin, tensor, file }: Place, value: number) {
  const row = begin + Math.floor(value / width);
  return { file, field: `tensor ${tensor}, row ${row}, column ${value % width}` };
}

// What a model is given beside the ids: an attention mask of ones, positions, an empty cache of keys and values.
import { ReseedError } from '../../errors.js';
import type { GraphInput, OnnxModel } from './graph.js';
import type { Feed } from './runtime.js';

/**
 * @param names the inputs that are needed @param ids [batch × length], row-major
 * @throws input.format for an input that nothing is known to be given for
 */
export function feedsOf(
  { inputs, file }: OnnxModel,
  names: readonly string[],
  ids: Int32Array,
  batch: number,
): Record<string, Feed> {
  const shape = { batch, length: ids.length / batch };
  const needed = inputs.filter(({ name }) => names.includes(name));
  return Object.fromEntries(needed.map((input) => [input.name, feedOf(input, ids, shape, file)]));
}

interface Shape {
  readonly batch: number;
  readonly length: number;
}

function feedOf(input: GraphInput, ids: Int32Array, { batch, length }: Shape, file: string): Feed {
  const { name, type, dims } = input;
  const whole = (value: (at: number) => number) => wholes(type, [batch, length], value);
  if (name === 'input_ids') return whole((at) => ids[at]);
  if (name === 'attention_mask') return whole(() => 1);
  if (name === 'token_type_ids') return whole(() => 0);
  if (name === 'position_ids') return whole((at) => at % length);
  if (name === 'use_cache_branch') return { type: 'bool', dims: [1], data: new Uint8Array(1) };
  if (/^past_?(key|value)/.test(name) && (type === 1 || type === 10)) {
    // Of the open dimensions the first is the batch; the other is the tokens before, of which there are none.
    const open = dims.findIndex((dim) => typeof dim === 'string');
    const sizes = dims.map((dim, i) => (typeof dim === 'number' ? dim : i === open ? batch : 0));
    return type === 1
      ? { type: 'float32', dims: sizes, data: new Float32Array(0) }
      : { type: 'float16', dims: sizes, data: new Uint16Array(0) };
  }
  throw new ReseedError('input.format', 'the model reads something that is not known', {
    file,
    field: `input ${name}`,
    found: `[${dims.join(' × ')}]`,
    expected: 'input_ids, attention_mask, token_type_ids, position_ids, past_key_values',
  });
}

function wholes(type: number, dims: readonly number[], value: (at: number) => number): Feed {
  const length = dims[0] * dims[1];
  if (type === 6) return { type: 'int32', dims, data: Int32Array.from({ length }, (_, at) => value(at)) };
  return { type: 'int64', dims, data: BigInt64Array.from({ length }, (_, at) => BigInt(value(at))) };
}

// A checkpoint without some of the tensors and settings that stand in it.
import { type PlainMap, withoutTensors } from '../formats/tensor-file.js';
import type { Checkpoint, JsonObject } from './checkpoint.js';
import type { Assumption } from './source.js';

/** Without what is stated to be ignored, and what that was. */
export function withoutIgnored(checkpoint: Checkpoint): {
  readonly rest: Checkpoint;
  readonly assumptions: readonly Assumption[];
} {
  const ignore = checkpoint.stated?.ignore ?? [];
  if (ignore.length === 0) return { rest: checkpoint, assumptions: [] };
  const left = new Set<string>();
  const isLeft = (name: string, kind: string) => {
    const found = ignore.some(
      (one) => name === one || name.startsWith(`${one}/`) || name.startsWith(`${one}.`),
    );
    if (found) left.add(`${kind} ${name}`);
    return found;
  };
  const { tensors, configs } = checkpoint;
  const settings = <T extends JsonObject>(map: T): T =>
    Object.fromEntries(
      Object.entries(map)
        .filter(([name]) => !isLeft(name, 'setting'))
        .map(([name, value]) => [name, isMap(value) ? settings(value) : value]),
    ) as T;
  const rest = {
    ...checkpoint,
    tensors: {
      ...withoutTensors(tensors, (name) => isLeft(name, 'tensor')),
      values: isMap(tensors.values) ? (settings(tensors.values) as PlainMap) : tensors.values,
    },
    configs: new Map([...configs].map(([name, config]) => [name, settings(config)])),
  };
  const assumptions = [...left].map((of) => ({ of, taken: 'nothing', because: '--ignore' }));
  return { rest, assumptions };
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

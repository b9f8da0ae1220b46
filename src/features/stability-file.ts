// Keeps the features of a group on disk between runs: every array of them as a tensor, to the bit.
import { readSafetensors } from '../formats/read-safetensors.js';
import { encodeSafetensors } from '../formats/safetensors.js';
import type { Tensor, TensorData } from '../formats/tensor.js';
import type { FeatureMatchTable, FeatureStability, FeatureSummary } from './feature-stability.js';

/** Bytes that `readStability` turns back into the same value. */
export function encodeStability({ summaries, matches }: FeatureStability): Uint8Array {
  const tensors: Record<string, Tensor> = {};
  const namesOf = (part: string, entries: readonly object[]): string =>
    JSON.stringify(
      entries.map((entry, i) => {
        const names: Record<string, unknown> = {};
        for (const [name, value] of Object.entries(entry)) {
          if (ArrayBuffer.isView(value)) tensors[`${part}.${i}.${name}`] = tensorOf(value as TensorData);
          else names[name] = value;
        }
        return names;
      }),
    );
  const metadata = { summaries: namesOf('summaries', summaries), matches: namesOf('matches', matches) };
  return encodeSafetensors(tensors, metadata);
}

/** @throws input.file, input.format */
export async function readStability(file: string): Promise<FeatureStability> {
  const { tensors, metadata } = await readSafetensors(file);
  const entriesOf = (part: string): Record<string, unknown>[] => {
    const entries = JSON.parse(metadata[part]) as Record<string, unknown>[];
    for (const [key, { data }] of tensors) {
      const [of, i, name] = key.split('.');
      if (of === part) entries[Number(i)][name] = data;
    }
    return entries;
  };
  return {
    summaries: entriesOf('summaries') as unknown as FeatureSummary[],
    matches: entriesOf('matches') as unknown as FeatureMatchTable[],
  };
}

function tensorOf(data: TensorData): Tensor {
  return { shape: [data.length], data };
}

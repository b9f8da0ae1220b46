// Reads metrics.safetensors and metrics.json (made by make-metrics.py): three trained SAEs and their scores by numpy.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { float32Tensor } from '../../src/formats/tensor.js';
import type { Member } from '../../src/sae/member.js';
import { matrix, type SparseCodes, sharedFloat32, sharedInt32 } from '../../src/tensor/index.js';

const at = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

export const expected: {
  /** Pairs (0,1), (0,2), (1,2). */
  metrics: Record<string, { value: number; aToB: number; bToA: number }[]>;
  /** decoder.matched: row of b for each row of a, −1 = none. */
  decoderPartners: number[][];
} = JSON.parse(readFileSync(at('metrics.json'), 'utf8'));

export async function trainedMembers(): Promise<Member[]> {
  const file = at('metrics.safetensors');
  const { tensors } = await readSafetensors(file);
  return [0, 1, 2].map((number) => {
    const [features, width] = tensors.get(`${number}.decoder`)!.shape;
    const weights = (name: string) =>
      matrix(features, width, float32Tensor(tensors, `${number}.${name}`, [features, width], file));
    const kept = tensors.get(`${number}.kept`)!;
    const [rows, k] = kept.shape;
    const codes: SparseCodes = {
      rows,
      features,
      offsets: sharedInt32(rows + 1).map((_, n) => n * k),
      indices: sharedInt32(rows * k),
      values: sharedFloat32(rows * k),
    };
    codes.indices.set(kept.data as Int32Array);
    codes.values.set(float32Tensor(tensors, `${number}.codes`, [rows, k], file));
    return {
      id: `sae-${number}`,
      sae: {
        architecture: 'topk',
        activation: { kind: 'topk', k, relu: false },
        subtractDecoderBias: false,
        encoder: weights('encoder'),
        encoderBias: new Float32Array(features),
        decoder: weights('decoder'),
        decoderBias: new Float32Array(width),
      },
      codes,
    };
  });
}

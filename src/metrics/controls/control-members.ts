// The SAEs that controls are run on: a part of a real one, its shuffled copy, and two that share planted rows.

import type { Member } from '../../sae/member.js';
import { type SaeWeights, takeFeatures } from '../../sae/sae.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import { takeCodeColumns, takeCodeRows } from '../../tensor/sparse-codes.js';

/** The planted dictionaries: their shape, and the part of the rows that both have, nested. */
export const plantedPart = { features: 256, width: 64, decoder: 0.25, encoder: 0.5 } as const;

/** How much of a member is taken at the most. */
export interface ControlSize {
  readonly features: number;
  /** Of its codes. */
  readonly rows: number;
}

/** The member, or as many of its features and of the rows of its codes as given, evenly spread. */
export function atMost({ features, rows }: ControlSize, member: Member): Member {
  // Its copy is live by its codes alone, so it must be as well.
  const { firing: _, ...whole } = member;
  const { codes } = whole;
  const some =
    codes && codes.rows > rows ? { ...whole, codes: takeCodeRows(codes, spread(rows, codes.rows)) } : whole;
  const all = member.sae.decoder.rows;
  return all <= features ? some : take(some, spread(features, all));
}

function spread(count: number, of: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * of) / count));
}

/** The same features in another order; with `flip`, about half of them with decoder and encoder row turned round. */
export function shuffledCopy(
  member: Member,
  seed: number,
  stream: string,
  { flip }: { readonly flip: boolean },
): Member {
  const rng = new Rng(seed, 'control', stream);
  const copy = take(member, rng.permutation(member.sae.decoder.rows));
  const { decoder, encoder } = copy.sae;
  for (let i = 0; flip && i < decoder.rows; i++) {
    if (rng.below(2) === 0) continue;
    for (const { cols, data } of [decoder, encoder]) {
      for (let j = 0; j < cols; j++) data[i * cols + j] *= -1;
    }
  }
  return copy;
}

/** Two SAEs with random rows, of which the first are the same in both; the encoders share more than the decoders. */
export function plantedDictionaries(seed: number): [Member, Member] {
  const { features, width } = plantedPart;
  const random = (...labels: string[]): Matrix => {
    const rows = zeros(features, width);
    new Rng(seed, 'control', 'planted', ...labels).fillNormal(rows.data);
    return rows;
  };
  const parts = ['decoder', 'encoder'] as const;
  const [one, other] = ['one', 'other'].map((id) => ({
    decoder: random(id, 'decoder'),
    encoder: random(id, 'encoder'),
  }));
  for (const part of parts) {
    other[part].data.set(one[part].data.subarray(0, plantedPart[part] * features * width));
  }
  return [asMember('one', one), asMember('other', other)];
}

function asMember(id: string, rows: Pick<SaeWeights, 'decoder' | 'encoder'>): Member {
  const { features, width } = plantedPart;
  return {
    id,
    sae: {
      ...rows,
      encoderBias: new Float32Array(features),
      decoderBias: new Float32Array(width),
      architecture: 'topk',
      activation: { kind: 'topk', k: 1, relu: false },
      subtractDecoderBias: false,
    },
  };
}

/** These features of a member, copied; without its initial weights. */
function take({ id, sae, codes }: Member, features: Int32Array): Member {
  return {
    id,
    sae: takeFeatures(sae, features),
    ...(codes ? { codes: takeCodeColumns(codes, features) } : {}),
  };
}

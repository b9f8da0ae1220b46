// Whether a few coordinates hold so much of the variance that directions are told apart by those alone, and members without them.
import type { Member } from '../sae/member.js';
import { type Matrix, zeros } from '../tensor/matrix.js';
import type { Evidence } from './evidence.js';

/** A fifth of the variance in a few coordinates. */
const much = 0.2;

export function heavyDimensionsMatter({ activations }: Pick<Evidence, 'activations'>): boolean {
  return (activations?.heavyShare ?? 0) >= much;
}

/** The member in the space of the other coordinates, as far as scores of directions see it. @param columns ascending */
export function withoutColumns(member: Member, columns: Int32Array): Member {
  const { sae, init } = member;
  const take = <W extends NonNullable<Member['init']>>(weights: W): W => ({
    ...weights,
    encoder: otherColumns(weights.encoder, columns),
    decoder: otherColumns(weights.decoder, columns),
  });
  return { ...member, sae: take(sae), ...(init ? { init: take(init) } : {}) };
}

function otherColumns(m: Matrix, columns: Int32Array): Matrix {
  const kept = Int32Array.from({ length: m.cols }, (_, j) => j).filter((j) => !columns.includes(j));
  const out = zeros(m.rows, kept.length);
  for (let i = 0, to = 0; i < m.rows; i++) for (const j of kept) out.data[to++] = m.data[i * m.cols + j];
  return out;
}

// Whether a few coordinates hold so much of the variance that directions are told apart by those alone, and members without them.
import type { ActivationRows } from '../activations/activation-rows.js';
import { takeActivationRows } from '../activations/chosen-rows.js';
import { measureFit } from '../sae/fit.js';
import type { Member } from '../sae/member.js';
import { heavyColumns } from '../stats/heavy-columns.js';
import { type Matrix, zeros } from '../tensor/matrix.js';
import { takeCodeRows } from '../tensor/sparse-codes.js';
import type { Evidence } from './evidence.js';
import type { RowDescription } from './row-description.js';

/** A fifth of the variance in a few coordinates. */
const much = 0.2;

export function heavyDimensionsMatter({ activations }: Pick<Evidence, 'activations'>): boolean {
  return (activations?.heavyShare ?? 0) >= much;
}

/** Rows that a fit in the other coordinates is measured on, at the most: enough for it to be known to a part in a hundred. */
const fittedRows = 8192;

/**
 * Members with how well they reconstruct the other coordinates, where a few hold so much that it matters: on rows evenly spaced among
 * those that are neither massive nor set apart. Not those that read or write something else than x, or normalise it.
 * @param members with codes of every `stride`-th row of x
 */
export async function withOtherDimensionsFit(
  members: readonly Member[],
  x: ActivationRows,
  { moments, massive, places, codeRows, stride }: Described,
  signal: AbortSignal | undefined,
): Promise<readonly Member[]> {
  const heavy = heavyColumns(moments.spreads());
  if (!heavy || heavy.share < much) return members;
  const left = new Set([...(massive?.rows ?? []), ...(places?.apart?.rows ?? [])]);
  const all = Int32Array.from({ length: codeRows }, (_, n) => n).filter((n) => !left.has(n * stride));
  const every = Math.ceil(all.length / fittedRows);
  const rows = all.filter((_, i) => i % every === 0);
  const read = await takeActivationRows(
    x,
    rows.map((n) => n * stride),
    signal,
  );
  const others = otherColumns(read, heavy.columns);
  return members.map((member) => {
    const { sae, codes, activations } = member;
    if (!codes || activations || sae.transcoder || sae.inputNorm || sae.skip) return member;
    const { sae: reduced } = withoutColumns(member, heavy.columns);
    return { ...member, otherDimensionsFit: measureFit(reduced, others, takeCodeRows(codes, rows)) };
  });
}

type Described = Pick<RowDescription, 'moments' | 'massive' | 'places'> & {
  readonly codeRows: number;
  readonly stride: number;
};

/** The member in the space of the other coordinates, as far as scores of directions and fits see it. @param columns ascending */
export function withoutColumns(member: Member, columns: Int32Array): Member {
  const { sae, init } = member;
  const take = <W extends NonNullable<Member['init']>>(weights: W): W => ({
    ...weights,
    encoder: otherColumns(weights.encoder, columns),
    decoder: otherColumns(weights.decoder, columns),
    decoderBias: weights.decoderBias.filter((_, j) => !columns.includes(j)),
  });
  return { ...member, sae: take(sae), ...(init ? { init: take(init) } : {}) };
}

function otherColumns(m: Matrix, columns: Int32Array): Matrix {
  const kept = Int32Array.from({ length: m.cols }, (_, j) => j).filter((j) => !columns.includes(j));
  const out = zeros(m.rows, kept.length);
  for (let i = 0, to = 0; i < m.rows; i++) for (const j of kept) out.data[to++] = m.data[i * m.cols + j];
  return out;
}

// Reads similarity.json (made by make-similarity.py) and builds members from plain tables.
import { readFileSync } from 'node:fs';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows, type Matrix, type SparseCodes, transpose } from '../../src/tensor/index.js';

type Table = number[][];

export interface Fixture {
  members: { decoder: Table; init: Table; codes: Table }[];
  metrics: Record<string, { value: number; aToB: number; bToA: number }[]>;
  effectiveRank: { rows: Table; value: number }[];
  incompleteBeta: { x: number; a: number; b: number; value: number }[];
  studentT: { p: number; degrees: number; value: number }[];
  expectedMax: { width: number; features: number; value: number }[];
}

export const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../fixtures/similarity.json', import.meta.url), 'utf8'),
);

/** An SAE of which only the decoder matters. */
export function member(id: string, decoder: Matrix, codes?: SparseCodes, init?: Matrix): Member {
  const weights = (rows: Matrix) => ({
    encoder: transpose(transpose(rows)),
    encoderBias: new Float32Array(rows.rows),
    decoder: rows,
    decoderBias: new Float32Array(rows.cols),
  });
  return {
    id,
    sae: {
      ...weights(decoder),
      architecture: 'topk',
      activation: { kind: 'topk', k: 1, relu: false },
      subtractDecoderBias: false,
    },
    ...(codes ? { codes } : {}),
    ...(init ? { init: weights(init) } : {}),
  };
}

export const fixtureMembers: Member[] = fixture.members.map(({ decoder, init, codes }, i) =>
  member(`sae-${i}`, fromRows(decoder), fromDense(codes), fromRows(init)),
);

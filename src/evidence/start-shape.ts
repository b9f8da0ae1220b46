// How near decoder rows are to where they started, judged from their shape, for SAEs whose initial weights are lost.
//
// Most tools draw initial entries uniformly (Kaiming, Xavier, the default of a linear layer). The kurtosis κ of a unit row
// (stats/row-kurtosis.ts) is 1.8 for them, and κ_∞ = 3d/(d + 2) for a direction without preference, which is what training adds on
// most data. A row u = c·start + √(1 − c²)·learned has
//   κ ≈ κ_∞ − c⁴·(κ_∞ − 1.8) − (1 − c²)²·(κ_∞ − κ_l)
// with κ_l that of learned rows, so c follows from the mean of κ. Where activations are known, so is about how flat learned rows can be:
// an activation is a sum of about L0 of them, and a sum of n alike terms is n times nearer to κ_∞ than each. Rows that are no flatter than
// that show no trace of a start. Where the encoder began as the transpose of the decoder, rows that still are transposes have not moved.

import { defined } from '../defined.js';
import type { SaeWeights } from '../sae/sae.js';
import { freeKurtosis, rowKurtosis, uniformKurtosis } from '../stats/row-kurtosis.js';
import { dot, type Matrix, row, rowNorms, takeRows } from '../tensor/matrix.js';

export interface StartShape {
  /** Estimated cosine of decoder rows with a start of uniform entries, 0 … 1; 0 where no trace of one is left. */
  readonly cosine: number;
  /** Over live and over dead features; absent without codes, or where there are too few entries to tell. */
  readonly cosineLive?: number;
  readonly cosineDead?: number;
  /** Rows whose encoder row still points the same way: cosine of at least 0.999. */
  readonly tied: number;
}

/** What tells how flat learned rows can be. */
export interface FlatnessOfData {
  /** Mean κ of the activations, without their mean. */
  readonly kurtosis: number;
  /** Features that are active in a row of the activations. */
  readonly active: number;
}

/** Entries below which the kurtosis of a set of rows says nothing. */
const fewestEntries = 512;

/** Standard errors that a mean kurtosis has to lie below that of learned directions. */
const certain = 3;

const stillTied = 0.999;

/** @param live features that fire, where known @param data of the activations that it was trained on, where known */
export function startShape(sae: SaeWeights, live: Int32Array | undefined, data?: FlatnessOfData): StartShape {
  const { rows, cols } = sae.decoder;
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const free = freeKurtosis(cols);
  const learned = data ? learnedKurtosis(data, free) : free;
  const of = (some: Int32Array) => startCosine(takeRows(sae.decoder, some), learned);
  const fires = live && new Set(live);
  const ofLive = fires && of(all.filter((i) => fires.has(i)));
  const ofDead = fires && of(all.filter((i) => !fires.has(i)));
  return {
    cosine: of(all) ?? 0,
    ...defined({ cosineLive: ofLive, cosineDead: ofDead }),
    tied: tiedRows(sae),
  };
}

/** The least that learned rows can have, for all that the activations show; no more than a direction without preference. */
function learnedKurtosis({ kurtosis, active }: FlatnessOfData, free: number): number {
  return Math.max(uniformKurtosis, free + Math.min(0, active * (kurtosis - free)));
}

/** Undefined where these rows have too few entries. @param learned κ that learned rows have at the least */
function startCosine(rows: Matrix, learned: number): number | undefined {
  const d = rows.cols;
  const directed = rowNorms(rows).filter((norm) => norm > 0).length;
  const kurtosis = rowKurtosis(rows);
  if (kurtosis === undefined || directed * d < fewestEntries) return undefined;
  const free = freeKurtosis(d);
  const error = Math.sqrt(24 / (directed * d));
  if (learned - kurtosis < certain * error) return 0;
  // With y = c²: y²·s + (1 − y)²·l = f, of which the larger root is the one beyond what learned rows explain.
  const [s, l, f] = [free - uniformKurtosis, free - learned, free - kurtosis];
  const y = (l + Math.sqrt(Math.max(0, l * l - (s + l) * (l - f)))) / (s + l);
  return Math.sqrt(Math.min(1, y));
}

function tiedRows({ encoder, decoder }: SaeWeights): number {
  const [read, written] = [rowNorms(encoder), rowNorms(decoder)];
  let tied = 0;
  for (let i = 0; i < decoder.rows; i++) {
    const scale = read[i] * written[i];
    if (scale > 0 && dot(row(encoder, i), row(decoder, i)) >= stillTied * scale) tied++;
  }
  return tied;
}

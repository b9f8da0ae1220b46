// How near decoder rows are to where they started, judged from their shape, for SAEs whose initial weights are lost.
//
// Most tools draw initial entries uniformly (Kaiming, Xavier, the default of a linear layer). The kurtosis of the
// entries of a unit row, κ = d·Σ u⁴, is 1.8 for them and 3d/(d + 2) for a direction without preference, which is what
// training adds. A row u = c·start + √(1 − c²)·learned has κ ≈ κ_∞ − c⁴·(κ_∞ − 1.8), so c follows from the mean of κ.
// Where the encoder began as the transpose of the decoder, rows that still are transposes have not moved either.

import { defined } from '../defined.js';
import type { SaeWeights } from '../sae/sae.js';
import { dot, type Matrix, row, rowNorms } from '../tensor/matrix.js';

export interface StartShape {
  /** Estimated cosine of decoder rows with a start of uniform entries, 0 … 1; 0 where no trace of one is left. */
  readonly cosine: number;
  /** Over live and over dead features; absent without codes, or where there are too few entries to tell. */
  readonly cosineLive?: number;
  readonly cosineDead?: number;
  /** Rows whose encoder row still points the same way: cosine of at least 0.999. */
  readonly tied: number;
}

/** Entries below which the kurtosis of a set of rows says nothing. */
const fewestEntries = 512;

/** Standard errors that a mean kurtosis has to lie below that of learned directions. */
const certain = 3;

const stillTied = 0.999;

/** @param live features that fire, where known */
export function startShape(sae: SaeWeights, live: Int32Array | undefined): StartShape {
  const all = Int32Array.from({ length: sae.decoder.rows }, (_, i) => i);
  const fires = live && new Set(live);
  const ofLive =
    fires &&
    startCosine(
      sae.decoder,
      all.filter((i) => fires.has(i)),
    );
  const ofDead =
    fires &&
    startCosine(
      sae.decoder,
      all.filter((i) => !fires.has(i)),
    );
  return {
    cosine: startCosine(sae.decoder, all) ?? 0,
    ...defined({ cosineLive: ofLive, cosineDead: ofDead }),
    tied: tiedRows(sae),
  };
}

/** Undefined where these rows have too few entries. */
function startCosine(decoder: Matrix, rows: Int32Array): number | undefined {
  const d = decoder.cols;
  let sum = 0;
  let counted = 0;
  for (const i of rows) {
    const values = row(decoder, i);
    const squares = dot(values, values);
    if (squares === 0) continue;
    let fourth = 0;
    for (let j = 0; j < d; j++) {
      const square = values[j] * values[j];
      fourth += square * square;
    }
    sum += (d * fourth) / squares ** 2;
    counted++;
  }
  if (counted * d < fewestEntries) return undefined;
  const learned = (3 * d) / (d + 2);
  const below = learned - sum / counted;
  const error = Math.sqrt(24 / (counted * d));
  if (below < certain * error) return 0;
  return Math.min(1, (below / (learned - 1.8)) ** 0.25);
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

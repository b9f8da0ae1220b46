// Which axis of an encoder and of a decoder counts features, where no format says it.
//
// Shapes tell where F ≠ d and the length of a bias, or a width that is known, says which is which. Otherwise the values
// are asked, and only clear answers count:
// - many recipes keep decoder rows at one length: the axis along which lengths are even is that of features, if lengths
//   along the other are not;
// - an encoder row of a trained SAE points along its own decoder row (training begins with one a copy of the other, or
//   brings them together): its mean cosine with it, beside that with other decoder rows, tells an encoder from its transpose.
// Encoder and decoder turned round together look the same to the second; only the first tells them apart.
import { mean, sampleSd } from '../stats/summary.js';
import { dot, type Matrix, row, rowNorms, transpose } from '../tensor/matrix.js';

export type FeatureAxis = 'rows' | 'columns';

export interface Orientation {
  readonly features: number;
  readonly width: number;
  /** Of what is written; another than `width` only in transcoders. */
  readonly out: number;
  readonly encoder: FeatureAxis;
  readonly decoder: FeatureAxis;
}

type Shape = readonly number[];

/**
 * All orientations that two matrices of these shapes can have; none where they do not fit each other.
 * @param anyWidth whether what is written may be of another width than what is read
 */
export function orientationsByShape(encoder: Shape, decoder: Shape, anyWidth = false): Orientation[] {
  const axes: readonly FeatureAxis[] = ['rows', 'columns'];
  const found: Orientation[] = [];
  for (const ofEncoder of axes) {
    for (const ofDecoder of axes) {
      const [features, width] = along(encoder, ofEncoder);
      const [sameFeatures, out] = along(decoder, ofDecoder);
      if (features !== sameFeatures || (width !== out && !anyWidth)) continue;
      found.push({ features, width, out, encoder: ofEncoder, decoder: ofDecoder });
    }
  }
  return found;
}

function along([rows, cols]: Shape, axis: FeatureAxis): readonly [number, number] {
  return axis === 'rows' ? [rows, cols] : [cols, rows];
}

/** The matrix with one row a feature. */
export function featureRows(stored: Matrix, axis: FeatureAxis): Matrix {
  return axis === 'rows' ? stored : transpose(stored);
}

/**
 * The one of several orientations that the values tell clearly; undefined where they do not.
 * @param encoder @param decoder as stored
 */
export function orientationByValues(
  orientations: readonly Orientation[],
  encoder: Matrix,
  decoder: Matrix,
): Orientation | undefined {
  const axis = evenAxis(decoder);
  const left = orientations.filter((one) => one.decoder === axis);
  if (axis === undefined || left.length <= 1) return left[0];
  const directions = featureRows(decoder, axis);
  const scored = left
    .map((one) => ({ one, score: alignment(featureRows(encoder, one.encoder), directions) }))
    .sort((a, b) => b.score - a.score);
  const [best, next] = scored;
  return best.score >= clearScore && best.score >= clearRatio * Math.abs(next.score) ? best.one : undefined;
}

/** Lengths that spread by less than this share of their mean are even; half precision rounds them by a tenth of it. */
const evenSpread = 1e-3;
/** How many times wider they must spread along the other axis. By chance, directions in d dimensions spread by 1/√(2d). */
const clearSpread = 10;
/** In standard errors of the mean cosine. */
const clearScore = 8;
const clearRatio = 4;

/** The axis along which lengths are even, where they are not along the other. */
export function evenAxis(decoder: Matrix): FeatureAxis | undefined {
  const rows = spread(rowNorms(decoder));
  const columns = spread(rowNorms(transpose(decoder)));
  if (rows < evenSpread && columns > clearSpread * rows) return 'rows';
  return columns < evenSpread && rows > clearSpread * columns ? 'columns' : undefined;
}

/** SD over mean. */
function spread(values: Float64Array): number {
  return sampleSd(values) / mean(values);
}

/** How much nearer encoder rows [F×d] are to their own decoder rows [F×d] than to others, in standard errors of the mean. */
function alignment(encoder: Matrix, decoder: Matrix): number {
  const cosines = cosineOf(encoder, decoder);
  const features = encoder.rows;
  const own = Float64Array.from({ length: features }, (_, i) => cosines(i, i));
  const others = Float64Array.from({ length: features * otherRows }, (_, e) =>
    cosines(e % features, (e + 1 + Math.floor(e / features)) % features),
  );
  return (mean(own) - mean(others)) / (sampleSd(others) / Math.sqrt(features));
}

/** With how many other decoder rows each encoder row is compared. */
const otherRows = 8;

/** Of row i of one with row j of the other; 0 where a row has no direction. */
function cosineOf(a: Matrix, b: Matrix): (i: number, j: number) => number {
  const [ofA, ofB] = [rowNorms(a), rowNorms(b)];
  return (i, j) => {
    const lengths = ofA[i] * ofB[j];
    return lengths === 0 ? 0 : dot(row(a, i), row(b, j)) / lengths;
  };
}

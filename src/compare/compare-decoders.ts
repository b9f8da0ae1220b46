// Two SAEs by their decoders alone: scores beside their null, and the partner of every feature, seen from both.
//
// The numbers are those of `compare` without activations: `decoder.max`, `decoder.matched` and `decoder.matched.abs`, each with the
// null of random directions. What needs more than decoder rows, and findings, are left out: this is for places where a file is all there
// is, such as a page.
import { ReseedError } from '../errors.js';
import { type PartnerTable, partnerTable } from '../features/partner-table.js';
import { firstNonFinite } from '../kernel/arguments.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { bestMatchLevel } from '../metrics/chance/best-match.js';
import { matchedLevel } from '../metrics/chance/one-to-one.js';
import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { Null } from '../metrics/nulls/null.js';
import { type Directions, directionSides } from '../metrics/pairs/directions.js';
import { directionMatched } from '../metrics/pairs/matched.js';
import { scorePairs } from '../metrics/pairs/pair-loop.js';
import { UnitRows } from '../metrics/pairs/unit-rows.js';
import { type Matrix, rowNorms } from '../tensor/matrix.js';

/** The decoder of one SAE [F × d]; `id` is told in messages and results. */
export interface DecoderOfSae {
  readonly id: string;
  readonly decoder: Matrix;
}

export type DecoderPart = 'best matches' | 'one-to-one partners' | 'levels of chance';

export interface CompareDecodersOptions extends WorkOptions {
  /** Names the random streams of nulls that have no formula, as in `compare`. */
  readonly seed?: number;
  /** Draws of such a null. */
  readonly draws?: number;
  /** Called with each part before it begins, and with the share of it that is done where that is known. */
  readonly onProgress?: (part: DecoderPart, share?: number) => void;
}

/** One of the two, and its features seen in the other. */
export interface DecoderSide extends PartnerTable {
  readonly id: string;
  /** F, those without a direction included. */
  readonly width: number;
  /** [F] lengths of decoder rows. */
  readonly norm: Float64Array;
}

export interface DecoderComparison {
  /** d */
  readonly dModel: number;
  readonly metrics: readonly MeasuredMetric[];
  readonly a: DecoderSide;
  readonly b: DecoderSide;
}

/**
 * Compares the decoder rows of two SAEs.
 * @throws input.shape when they differ in d, or one has no direction at all; input.non-finite for NaN and infinite weights;
 * internal.cancelled
 */
export async function compareDecoders(
  a: DecoderOfSae,
  b: DecoderOfSae,
  kernel: Kernel,
  { seed = 0, draws = 20, onProgress = () => {}, ...work }: CompareDecodersOptions = {},
): Promise<DecoderComparison> {
  const sets = [a, b].map(({ id, decoder }): Directions => ({ id, rows: decoder }));
  const units = new UnitRows();
  const { sides, withUnits } = directionSides(sets, units);
  for (const [i, { id, features }] of sides.entries()) requireDirections(id, sets[i].rows, features);
  onProgress('best matches');
  const best = await withUnits([0, 1], (x, y) => kernel.bestMatches(x, y, work));
  const score = (await scorePairs('decoder.max', sides, async () => best, work))!;
  const onAssigned = (share: number) => onProgress('one-to-one partners', share);
  onAssigned(0);
  const matched = (await directionMatched('decoder.matched', sets, kernel, { units, ...work }))!;
  onAssigned(0.5);
  const absolute = { absolute: true, units, ...work };
  const matchedAbs = (await directionMatched('decoder.matched.abs', sets, kernel, absolute))!;
  onProgress('levels of chance');
  // In ascending order, as nulls are drawn for a group.
  const widths = sides.map(({ features }) => features.length).sort((x, y) => x - y);
  const draw = { kernel, seed, draws, ...work };
  const ids = [a.id, b.id];
  const told = async (scores: Parameters<typeof measured>[0], level: typeof bestMatchLevel) => {
    const chance: Null = await level.level(widths, a.decoder.cols, draw);
    return measured(scores, ids, [chance]);
  };
  const [{ aToB, bToA }] = matched.matches;
  const turned = { aToB: best.bToA, bToA: best.aToB };
  return {
    dModel: a.decoder.cols,
    metrics: [
      await told(score, bestMatchLevel),
      await told(matched, matchedLevel(false)),
      await told(matchedAbs, matchedLevel(true)),
    ],
    a: { ...sideOf(a), ...partnerTable(sides[0], sides[1], best, aToB) },
    b: { ...sideOf(b), ...partnerTable(sides[1], sides[0], turned, bToA) },
  };
}

function sideOf({ id, decoder }: DecoderOfSae): Pick<DecoderSide, 'id' | 'width' | 'norm'> {
  return { id, width: decoder.rows, norm: rowNorms(decoder) };
}

function requireDirections(id: string, { data, cols }: Matrix, features: Int32Array): void {
  const at = firstNonFinite(data);
  if (at >= 0) {
    throw new ReseedError('input.non-finite', 'a weight of the decoder is not finite', {
      file: id,
      field: `feature ${Math.floor(at / cols)}, coordinate ${at % cols}`,
      found: String(data[at]),
      expected: 'finite numbers',
    });
  }
  if (features.length > 0) return;
  throw new ReseedError('input.shape', 'no decoder row has a direction', {
    file: id,
    field: 'decoder',
    found: 'lengths of 0 alone',
    expected: 'at least one row that is not 0',
  });
}

// The nulls of `shared` and `shared.lenient`: SAEs whose encoder and decoder rows are independent random directions.
//
// Lenient, exact. Permuting the encoder rows of b permutes what π_E picks and leaves π_D as it is, and all their orders
// are equally likely: given π_D, π_E is a uniformly random one-to-one map. With f ≤ g features each of the f pairs of
// π_D is also one of π_E with probability 1/g, and two of them with probability 1/(g(g − 1)); so the number K of
// agreeing pairs has E[K] = f/g and Var[K] = f/g + f(f − 1)/(g(g − 1)) − (f/g)². A pair scores ½(K/f + K/g). Given one
// SAE and any second the third is as likely in every order, so pairs that share an SAE are uncorrelated.
//
// Strict. A feature needs a cosine above τ = 0.7 twice, by decoder and by encoder, which are independent: the mean score
// is at most p² with p = g·½(1 − G(τ)), the expected number of features of the other SAE that near. Where that is below
// 1e-9 for every pair, as in all but narrow SAEs, the null is 0. Else it is drawn.
import { maxSurvival } from '../../stats/best-cosine.js';
import { mean } from '../../stats/summary.js';
import type { Matrix } from '../../tensor/matrix.js';
import { drawScores, requirePairs } from '../draws/draw-scores.js';
import { type DrawOptions, requireDraws } from '../draws/draws.js';
import type { Metric } from '../metric.js';
import { type Drawn, drawnNull, type Null, nullBand } from '../nulls/null.js';
import { directionMatched } from '../pairs/matched.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { sharedScores, sharedThreshold } from '../pairs/shared.js';
import { multiplyAdds, randomDirections } from './best-match.js';
import { checkOf, mostWorkOfCheck } from './check.js';

export interface SharedNulls {
  /** Of `shared`. */
  readonly strict: Null;
  /** Of `shared.lenient`. */
  readonly lenient: Null;
}

/** A strict null below this is 0. */
const impossible = 1e-9;

/** Whole groups are drawn up to this many multiply-adds a draw; beyond, independent pairs. */
const whole = 2 ** 24;

/**
 * The nulls for members with these numbers of features in d dimensions, of the mean over all pairs.
 * @throws usage.argument below two members, two draws or one feature
 */
export async function sharedDirectionsNulls(
  widths: readonly number[],
  d: number,
  options: DrawOptions,
): Promise<SharedNulls> {
  requireDraws(options.draws);
  requirePairs(widths.length);
  return { strict: await strictNull(widths, d, options), lenient: lenientNull(widths) };
}

/** The level of either form. */
export function sharedLevel(form: keyof SharedNulls): NonNullable<Metric['chance']> {
  return {
    name: `shared, ${form}`,
    level: async (widths, d, options) => (await sharedDirectionsNulls(widths, d, options))[form],
    check: async (widths, d, options) => {
      const { exact } = (await sharedDirectionsNulls(widths, d, options))[form];
      if (!exact || multiplyAdds(widths, d) > mostWorkOfCheck) return undefined;
      return checkOf('pairs', (await drawShared(widths, d, options))[form]);
    },
  };
}

function lenientNull(widths: readonly number[]): Null {
  const pairs = pairsOf(widths.length).map(([i, j]) => {
    const [f, g] = [widths[i], widths[j]].sort((a, b) => a - b);
    const both = g > 1 ? (f * (f - 1)) / (g * (g - 1)) : 0;
    const share = 0.5 * (1 / f + 1 / g);
    return { mean: (share * f) / g, variance: share ** 2 * (f / g + both - (f / g) ** 2) };
  });
  const sd = Math.sqrt(mean(pairs.map((p) => p.variance)) / pairs.length);
  return nullBand('random-directions', mean(pairs.map((p) => p.mean)), sd, 0, true);
}

async function strictNull(widths: readonly number[], d: number, options: DrawOptions): Promise<Null> {
  const near = Math.max(...widths) * 0.5 * maxSurvival(d, 1, sharedThreshold);
  if (near ** 2 < impossible) return nullBand('random-directions', 0, 0, 0, true);
  return drawnNull('random-directions', (await drawShared(widths, d, options)).strict);
}

/** Random encoder and decoder rows. */
type Rows = Record<'encoder' | 'decoder', Matrix>;

/** Both forms with everything drawn. */
export async function drawShared(
  widths: readonly number[],
  d: number,
  { kernel, seed, draws, precision, ...work }: DrawOptions,
): Promise<Record<keyof SharedNulls, Drawn>> {
  const matched = async (part: keyof Rows, both: readonly Rows[]) => {
    const sets = both.map((rows, i) => ({ id: String(i), rows: rows[part] }));
    // Rows that were drawn have a direction.
    return (await directionMatched(part, sets, kernel, work))!;
  };
  const [strict, lenient] = await drawScores(
    {
      stream: 'shared-directions',
      labels: widths,
      make: (member, rng): Rows => ({
        encoder: randomDirections(widths[member], d, rng),
        decoder: randomDirections(widths[member], d, rng),
      }),
      score: async (a, b) => {
        const decoder = await matched('decoder', [a, b]);
        const scores = sharedScores(decoder, await matched('encoder', [a, b]))!;
        return [scores.strict.pairs[0].value, scores.lenient.pairs[0].value];
      },
      whole: multiplyAdds(widths, d) <= whole,
      step: 1 / Math.max(...widths),
    },
    { seed, draws, precision, ...work },
  );
  return { strict, lenient };
}

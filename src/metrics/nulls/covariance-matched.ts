// A further null of decoder.max: directions drawn with the second moment that each set of decoder rows itself has.
//
// Of a set with unit rows û_1 … û_F take the second moment M = (1/F) Σ û_i·û_iᵀ [d × d], and draw F directions with that
// moment (crowd.ts). They are scored like the decoders. So what two SAEs agree in because both spread their rows over
// the same few dimensions stays in the null, and what goes is the agreement of single features: a score above it is more
// than a shared subspace.
import { defined } from '../../defined.js';
import { throwIfCancelled } from '../../errors.js';
import type { Kernel } from '../../kernel/interface.js';
import { type Crowd, crowdOfRows } from '../draws/crowd.js';
import { crowdScores } from '../draws/crowd-scores.js';
import { drawTo } from '../draws/draw-to.js';
import { type DrawOptions, requireDraws } from '../draws/draws.js';
import type { Directions } from '../pairs/directions.js';
import { UnitRows } from '../pairs/unit-rows.js';
import type { NullModel } from './model.js';
import { drawnNull, type Null } from './null.js';

export const model: NullModel<'covariance-matched'> = {
  kind: 'covariance-matched',
  words: {
    name: 'null: random directions of the same spread',
    short: 'same covariance',
    definition:
      'As many directions, drawn with the second moment of each set itself: agreement beyond it is more than a ' +
      'subspace that both use.',
    level: 'for random directions that crowd into the same dimensions',
    rival: 'random directions that crowd into the same dimensions',
  },
  version: 1,
  keeps: ['crowding'],
  decides: true,
  fits: ({ family, compares }) =>
    family === 'decoder' && compares.of === 'directions' && compares.by === 'best',
  work: ({ id }) => (id === 'decoder.max' ? { perSae: { spectrum: 1, product: 1, match: 0.5 } } : {}),
  level: async ({ id, version, compares }, scores, context) => {
    const sets = compares.of === 'directions' ? compares.sets(context.members) : undefined;
    if (!sets) return undefined;
    // Of live features where all of them are live, it is that of all.
    const name = sets.every(({ features }) => !features) ? 'all' : id;
    return context.once(`covariance-matched/${name}`, () =>
      context.ofGroup(['covariance-matched', name, version], () =>
        covarianceMatchedNull(sets, drawTo(scores, context.draw), context.kernel, context.units),
      ),
    );
  },
};

/**
 * The null of a best |cosine| of these sets: of `decoder.max`, with `features` of `decoder.max.live`, with displacements
 * as rows of `displacement.max`. Undefined where a set has no direction, or below two sets.
 * @param spectra the kernel that computes second moments, which may remember them @param units holds the unit rows
 * @throws usage.argument below two draws; input.shape when the sets differ in d
 */
export async function covarianceMatchedNull(
  sets: readonly Directions[],
  options: DrawOptions,
  spectra: Kernel = options.kernel,
  units = new UnitRows(),
): Promise<Null | undefined> {
  const { draws, signal } = options;
  requireDraws(draws);
  const work = defined({ signal });
  const crowds: Crowd[] = [];
  for (const { rows, features } of sets) {
    throwIfCancelled(signal);
    const chosen = units.directed(rows, features);
    if (chosen.features.length === 0) return undefined;
    crowds.push(await units.use([chosen], ([unit]) => crowdOfRows(unit, spectra, work)));
  }
  // The crowds that are drawn take as much.
  units.release();
  if (crowds.length < 2) return undefined;
  return drawnNull('covariance-matched', await crowdScores('covariance-matched', crowds, options));
}

// Directions drawn with the covariance of the activations: what decoders that only follow the data's spread would share.
//
// Of all directions of a data set those along which it varies most are the likeliest to be learned by anyone. Agreement beyond
// this null is more than that both SAEs put their features where the data are.
import { crowdOf } from '../draws/crowd.js';
import { crowdScores } from '../draws/crowd-scores.js';
import type { NullModel } from './model.js';
import { drawnNull } from './null.js';

/** No verdict rests on it, so it need not be known as well as others. */
const precision = 2e-3;

export const model: NullModel<'data-covariance'> = {
  kind: 'data-covariance',
  words: {
    name: 'null: random directions of the data’s spread',
    short: 'data covariance',
    definition:
      'As many directions, drawn with the covariance of the activations: agreement beyond it is more than that features lie ' +
      'where the data vary most.',
    level: 'for random directions spread like the data',
    rival: 'random directions spread like the data',
  },
  version: 1,
  keeps: [],
  // Features of real data lie where the data vary: that training puts them there is no artefact.
  decides: false,
  fits: ({ id }) => id === 'decoder.max' || id === 'decoder.max.live',
  work: () => ({ perGroup: { spectrum: 1, match: 1 } }),
  level: async (_, scores, context) => {
    const { members, draw, kernel, scatter, work } = context;
    const d = members[0]?.sae.decoder.cols;
    if (!scatter || d === undefined || scatter.length !== d * d) return undefined;
    const spectrum = await context.once('spectrum of the data', () =>
      kernel.symmetricEigen(scatter, d, work),
    );
    // Activations that do not vary have no spread to draw from.
    if (!spectrum.values.some((value) => value > 0)) return undefined;
    // Of live features where all of them are live, it is that of all.
    return context.once(`data-covariance/${scores.widths.join()}`, async () => {
      const crowds = scores.widths.map((features) => crowdOf(features, spectrum));
      const options = { ...draw, precision };
      return drawnNull('data-covariance', await crowdScores('data-covariance', crowds, options));
    });
  },
};

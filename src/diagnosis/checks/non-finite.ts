// numerics.non-finite: are there weights that are NaN or infinite, or runs that diverged?
import { type Evidence, usable } from '../../evidence/evidence.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'numerics.non-finite';

export const check: Check<typeof id> = {
  id,
  check: checkNonFinite,
  words: {
    artefact: 'NaN or infinite weights',
    supported: {
      title: 'NaN or infinite weights',
      summary: [
        'The weights hold {nan:count} NaN and {inf:count} infinite values.',
        '{diverged:count} of {saes:count} training runs diverged and were stopped.',
        '{excluded:count} of {saes:count} SAEs are left out of every score for it.',
      ],
      advice: [
        'Do not use these checkpoints: find the training step at which the loss stopped being finite.',
      ],
    },
    refuted: {
      title: 'All weights are finite',
      summary: ['No weight of the {saes:count} SAEs is NaN or infinite.'],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Weights not checked for NaN',
      advice: 'Give checkpoints with all their weights.',
    },
  },
};

/** One such value makes every score of its SAE meaningless, so any is a failure; the SAE is left out. */
function checkNonFinite({ members }: Evidence): Finding<typeof id> {
  const total = (field: 'nan' | 'inf') => members.reduce((sum, m) => sum + m.numerics[field], 0);
  const diverged = members.filter((m) => m.training?.divergedAt !== undefined).length;
  const numbers = {
    nan: total('nan'),
    inf: total('inf'),
    ...(diverged > 0 ? { diverged } : {}),
    saes: members.length,
    excluded: members.length - usable(members).length,
  };
  return numbers.excluded > 0 ? supported(id, 'fail', numbers) : refuted(id, numbers);
}

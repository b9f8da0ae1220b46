// numerics.non-finite: are there weights that are NaN or infinite, or runs that diverged?
import { type Evidence, usable } from '../../evidence/evidence.js';
import type { Finding } from '../finding.js';
import { refuted, supported } from '../outcome.js';

const id = 'numerics.non-finite';

/** One such value makes every score of its SAE meaningless, so any is a failure; the SAE is left out. */
export function checkNonFinite({ members }: Evidence): Finding {
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

// What a check lacks to be decided, when it needs scores over pairs.
import { type Evidence, usable } from '../evidence/evidence.js';
import type { Need } from './finding.js';

/** What has to be given before two SAEs can be compared at all. */
export function missingForPairs({ members }: Pick<Evidence, 'members'>): Need[] {
  return usable(members).length < 2 ? ['another SAE'] : [];
}

/** What has to be given before live scores can be compared; nothing where they are missing for another reason. */
export function missingForLiveScores({ members }: Pick<Evidence, 'members'>): Need[] {
  return [
    ...(members.every((m) => m.usage.live === undefined) ? (['activations'] as const) : []),
    ...missingForPairs({ members }),
  ];
}

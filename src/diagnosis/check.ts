// What a check is: one artefact that a score can have, whether the evidence shows it, and the words for what comes out.
import type { Evidence } from '../evidence/evidence.js';
import type { Finding } from './finding.js';
import type { CheckWords } from './words.js';

export interface Check<Id extends string> {
  readonly id: Id;
  readonly check: (evidence: Evidence) => Finding<Id>;
  readonly words: CheckWords;
}

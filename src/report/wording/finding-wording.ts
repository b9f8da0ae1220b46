// The form in which a finding is put into words, and the phrases that several findings share.
import type { Sentence } from './template.js';

export interface FindingWords {
  readonly title: string;
  /** Sentences; one whose numbers are missing is left out. */
  readonly summary: readonly Sentence[];
  /** The same; the last one needs no number. */
  readonly advice: readonly Sentence[];
}

export interface FindingWording {
  readonly supported: FindingWords;
  readonly refuted: FindingWords;
  /** Title only: what is missing makes the summary. */
  readonly inconclusive: { readonly title: string; readonly advice: string };
}

export const nothingToDo = ['Nothing to do.'] as const;
export const giveActivations = 'Give the activations that the SAEs were trained on.';
export const giveTwo = 'Give at least two SAEs whose weights are all finite.';

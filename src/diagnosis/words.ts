// The form in which a check puts its findings into words, and the phrases that several of them share.

/** Numbers of a finding and of its group, by name. */
export type Numbers = Readonly<Record<string, number>>;

/**
 * A sentence with places for numbers, as "{dead:count} of {features:count} never fire", or one that depends on them; ''
 * says nothing. It is left out where a number that it names was not measured.
 */
export type Sentence = string | ((numbers: Numbers) => string);

export interface VerdictWords {
  readonly title: string;
  readonly summary: readonly Sentence[];
  /** The last one needs no number. */
  readonly advice: readonly Sentence[];
}

export interface CheckWords {
  /** What the artefact is called in the middle of a sentence. */
  readonly artefact: string;
  readonly supported: VerdictWords;
  readonly refuted: VerdictWords;
  /** Title only: what is missing makes the summary. */
  readonly inconclusive: { readonly title: string; readonly advice: string };
}

export const nothingToDo = ['Nothing to do.'] as const;
export const giveActivations = 'Give the activations that the SAEs were trained on.';
export const giveTwoSaes = 'Give at least two SAEs whose weights are all finite.';

// Sentences with numbers in them: "{dead:count} of {features:count} never fire".
//
// A sentence of which a number was not measured is left out, so that no text ever shows a gap. "{worst:sae}" is an SAE by its name,
// where the number says which of the group's it is, from 1 on; "{places:apart}" names places of activations, whatever the number.
import type { Numbers, Sentence } from '../../diagnosis/words.js';
import { count, percent, plain, score } from '../number-format.js';
import { placeFormats } from './place-terms.js';

const formats = { count, percent, plain, score };

/** What sentences name that is no number: the SAEs of the group, and places of its activations. */
export interface Names {
  readonly saes?: readonly string[];
  readonly places?: Parameters<typeof placeFormats>[0];
}

/** Fills the sentences in; those that lack a number are dropped. */
export function fill(
  sentences: readonly Sentence[],
  numbers: Numbers,
  { saes = [], places }: Names = {},
): string {
  const formatted = {
    ...formats,
    ...placeFormats(places),
    sae: (which: number) => saes[which - 1] ?? `SAE number ${which}`,
  };
  return sentences
    .map((sentence) => (typeof sentence === 'string' ? sentence : sentence(numbers)))
    .filter((sentence) => sentence !== '' && namesIn(sentence).every((name) => name in numbers))
    .map((sentence) =>
      sentence.replace(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, format = 'plain') =>
        formatted[format as keyof typeof formatted](numbers[name]),
      ),
    )
    .join(' ');
}

function namesIn(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)/g)].map((match) => match[1]);
}

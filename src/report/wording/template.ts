// Sentences with numbers in them: "{dead:count} of {features:count} never fire".
//
// A sentence of which a number was not measured is left out, so that no text ever shows a gap. "{worst:sae}" is an SAE by its name,
// where the number says which of the group's it is, from 1 on.
import type { Numbers, Sentence } from '../../diagnosis/words.js';
import { count, percent, plain, score } from '../number-format.js';

const formats = { count, percent, plain, score };

/** Fills the sentences in; those that lack a number are dropped. @param saes names of the SAEs of the group */
export function fill(sentences: readonly Sentence[], numbers: Numbers, saes: readonly string[] = []): string {
  const formatted = { ...formats, sae: (which: number) => saes[which - 1] ?? `SAE number ${which}` };
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

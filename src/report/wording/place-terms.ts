// Places of activations in words: positions of contexts, and tokens.
import type { GroupResult } from '../../results/group-result.js';
import { list } from '../number-format.js';

type Places = NonNullable<NonNullable<GroupResult['activations']>['places']>;
type Place = NonNullable<Places['massive']>;

/** `position 0`, `position 0 (nearly always "<s>")`, `the token "\n"`. */
export function placeWords({ position, token }: Place): string {
  const text = token === undefined ? '' : JSON.stringify(token);
  if (position === undefined) return `the token ${text}`;
  return `position ${position}${text && ` (nearly always ${text})`}`;
}

/** What places are called where a sentence names them; the numbers only tell that they are there. */
export function placeFormats(places: Places | undefined) {
  const nameOf = (place: Place | undefined) => (place ? placeWords(place) : 'one place');
  return {
    apart: () => list((places?.apart?.places ?? []).map(placeWords)),
    massivePlace: () => nameOf(places?.massive),
    repeatedPlace: () => nameOf(places?.repeated),
  };
}

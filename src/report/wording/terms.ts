// What artefacts, verdicts and obstacles are called, and how a group is.
import type { GroupVerdict, Obstacle } from '../../diagnosis/verdict.js';
import { list } from '../number-format.js';

/** The answer for a group, in the middle of a sentence. */
export const verdictWords: Record<GroupVerdict['verdict'], string> = {
  reproducible: 'features come back',
  partly: 'features come back in part',
  'not-beyond-chance': 'features come back no more than chance gives',
  'cannot-tell': 'these data cannot tell whether features come back',
};

/** The answer for several groups, before "at …". */
export const shortVerdict: Record<Exclude<GroupVerdict['verdict'], 'cannot-tell'>, string> = {
  reproducible: 'Yes',
  partly: 'In part',
  'not-beyond-chance': 'No more than chance gives',
};

/** Why nothing can be told. */
export const obstacleWords: Record<Obstacle, string> = {
  'nothing-to-compare': 'there are no two sound SAEs with features to compare',
  'not-independent': 'the SAEs are copies of each other or started from the same weights',
  'foreign-data': 'these activations are not those that the SAEs were trained on',
  'nothing-live': 'an SAE has no feature that ever fires',
  'degenerate-data': 'there are fewer activations that differ by more than noise than there are features',
  'one-direction': 'the activations lie along one direction',
  'degenerate-weights': 'the weights are degenerate',
  'unfinished-training': 'training has not gone far enough',
};

interface Named {
  readonly id: string;
  readonly layer?: number;
  readonly site?: string;
  readonly label?: string;
}

/** "layer 0 · plus · k 32", or the group's id where nothing of that is known. */
export function groupName(group: Named): string {
  const parts = [
    ...(group.layer === undefined ? [] : [`layer ${group.layer}`]),
    ...(group.site === undefined ? [] : [group.site]),
    ...(group.label === undefined ? [] : [group.label]),
  ];
  return parts.length > 0 ? parts.join(' · ') : group.id;
}

/** Where something holds: "at A and B", "in all 4 groups"; '' where there is only one group to speak of. */
export function placeOf(at: readonly Named[], all: readonly Named[]): string {
  if (all.length === 1) return '';
  return at.length === all.length ? `in all ${all.length} groups` : `at ${groupNames(at)}`;
}

/** The same to open a sentence with: "At A and B, " or ''. */
export function openingPlace(at: readonly Named[], all: readonly Named[]): string {
  const place = placeOf(at, all);
  return place && `${place.charAt(0).toUpperCase()}${place.slice(1)}, `;
}

/** The groups by name; of many only the first few. */
export function groupNames(groups: readonly Named[]): string {
  const names = groups.map(groupName);
  return names.length <= 4 ? list(names) : list([...names.slice(0, 3), `${names.length - 3} more`]);
}

// What SAEs and groups are called where there is little room.
import type { GroupInFile } from '../../../src/results/results-file.js';

/** The id of an SAE without what the group says already. */
export function shortName(id: string, group: Pick<GroupInFile, 'id'> | undefined): string {
  return group && id.startsWith(`${group.id}.`) ? id.slice(group.id.length + 1) : id;
}

/** "layer 0 · plus" of a group that says where it is, else its id. */
export function groupName({
  id,
  layer,
  site,
  label,
}: Pick<GroupInFile, 'id' | 'layer' | 'site' | 'label'>): string {
  const parts = [
    ...(layer === undefined ? [] : [`layer ${layer}`]),
    ...(site ? [site] : []),
    ...(label ? [label] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : id;
}

// Starring features and pairs: how collections change, as values.
import type { Collection, Collections, Starred } from '../../../src/server/protocol.js';
import type { FeatureId } from '../data/engine.js';
import type { Session } from './session.js';

/** Where what is starred goes when no collection is named. */
export const firstCollection = 'starred';

/** A feature, or a pair of them. */
export interface Chosen extends FeatureId {
  readonly partner?: FeatureId | undefined;
}

export function sameStar(a: Chosen, b: Chosen): boolean {
  const same = (x: FeatureId | undefined, y: FeatureId | undefined) =>
    x?.sae === y?.sae && x?.feature === y?.feature;
  return same(a, b) && same(a.partner, b.partner);
}

export function starredAlready({ collections }: Collections, pick: Chosen): Starred | undefined {
  return collections.flatMap(({ entries }) => entries).find((one) => sameStar(one, pick));
}

/** With a feature or pair put into a collection, which is made where there is none of that name. @param at ISO 8601 */
export function withStar(
  all: Collections,
  { sae, feature, partner }: Chosen,
  at: string,
  name = all.collections[0]?.name ?? firstCollection,
): Collections {
  const entry: Starred = { sae, feature, ...(partner ? { partner } : {}), note: '', at };
  return withEntry(all, entry, name);
}

function withEntry(all: Collections, entry: Starred, name: string): Collections {
  const into = withCollection(all, name);
  const collections = into.collections.map((one) =>
    one.name === name ? { ...one, entries: [...one.entries, entry] } : one,
  );
  return { ...into, collections };
}

/** With an empty collection of this name beside the others; as it is where there is one. */
export function withCollection(all: Collections, name: string): Collections {
  if (all.collections.some((one) => one.name === name)) return all;
  return { ...all, collections: [...all.collections, { name, entries: [] }] };
}

/** Without a collection and all that is starred in it. */
export function withoutCollection(all: Collections, name: string): Collections {
  return { ...all, collections: all.collections.filter((one) => one.name !== name) };
}

/** As it is where the new name is empty or another one's. */
export function renamed(all: Collections, name: string, to: string): Collections {
  if (to === '' || all.collections.some((one) => one.name === to)) return all;
  const collections = all.collections.map((one) => (one.name === name ? { ...one, name: to } : one));
  return { ...all, collections };
}

/** With a feature or pair taken out of its collection into another one, with its note. */
export function moved(all: Collections, pick: Chosen, to: string): Collections {
  const entry = starredAlready(all, pick);
  return entry ? withEntry(withoutStar(all, pick), entry, to) : all;
}

export function withoutStar(all: Collections, pick: Chosen): Collections {
  return onEntries(all, (entries) => entries.filter((one) => !sameStar(one, pick)));
}

export function withNote(all: Collections, pick: Chosen, note: string): Collections {
  return onEntries(all, (entries) => entries.map((one) => (sameStar(one, pick) ? { ...one, note } : one)));
}

/** With those of another file put in; what is starred already stays as it is. */
export function joined(all: Collections, others: Collections): Collections {
  const names = [...new Set([...all.collections, ...others.collections].map(({ name }) => name))];
  const entriesOf = ({ collections }: Collections, name: string) =>
    collections.find((one) => one.name === name)?.entries ?? [];
  const collections = names.map((name): Collection => {
    const mine = entriesOf(all, name);
    const more = entriesOf(others, name).filter((one) => !mine.some((own) => sameStar(own, one)));
    return { name, entries: [...mine, ...more] };
  });
  return { ...all, collections };
}

function onEntries(
  all: Collections,
  change: (entries: readonly Starred[]) => readonly Starred[],
): Collections {
  const collections = all.collections.map((one) => ({ ...one, entries: change(one.entries) }));
  return { ...all, collections };
}

/** Where a star goes: into the collection that was chosen for it, while there is one of that name. */
export function collectionFor({ collections }: Collections, chosen: string | undefined): string {
  const found = collections.find(({ name }) => name === chosen) ?? collections[0];
  return found?.name ?? firstCollection;
}

/** Stars what is not starred, and takes the star of what is. */
export function toggleStar(session: Session, pick: Chosen): Promise<void> {
  return session.change((collections) => {
    if (starredAlready(collections, pick)) return withoutStar(collections, pick);
    const into = collectionFor(collections, session.address.get().into);
    return withStar(collections, pick, new Date().toISOString(), into);
  });
}

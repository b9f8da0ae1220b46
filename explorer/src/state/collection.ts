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

/** With a feature or pair put into the first collection. @param at ISO 8601 */
export function withStar(all: Collections, { sae, feature, partner }: Chosen, at: string): Collections {
  const entry: Starred = { sae, feature, ...(partner ? { partner } : {}), note: '', at };
  const [first, ...rest] =
    all.collections.length > 0 ? all.collections : [{ name: firstCollection, entries: [] }];
  return { ...all, collections: [{ ...first, entries: [...first.entries, entry] }, ...rest] };
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

export function toggleStar(session: Session, pick: Chosen, starred: Starred | undefined): Promise<void> {
  const { collections } = session.get();
  return session.save(
    starred ? withoutStar(collections, pick) : withStar(collections, pick, new Date().toISOString()),
  );
}

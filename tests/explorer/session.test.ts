// What a page knows: a star that is given before the collections of the folder are read does not replace them.
import { expect, it } from 'vitest';
import type { Source } from '../../explorer/src/data/source.js';
import { toggleStar, withStar } from '../../explorer/src/state/collection.js';
import { AddressStore } from '../../explorer/src/state/history.js';
import { Session } from '../../explorer/src/state/session.js';
import type { Collections } from '../../src/server/protocol.js';

const place = {
  location: { hash: '' },
  history: { pushState: () => {}, replaceState: () => {} },
  addEventListener: () => {},
};

it('adds an early star to what the folder holds', async () => {
  const none: Collections = { schema: 'reseed/collections/1', collections: [] };
  const inFolder = withStar(none, { sae: 'a', feature: 1 }, '2026-01-01T00:00:00.000Z', 'mine');
  let answer: (collections: Collections) => void = () => {};
  const saved: Collections[] = [];
  const source = {
    engine: () => ({}),
    state: async () => ({ name: 'x', results: { groups: [], saes: [] } }),
    bytes: () => undefined,
    collections: () =>
      new Promise<Collections>((resolve) => {
        answer = resolve;
      }),
    save: async (collections: Collections) => void saved.push(collections),
  } as unknown as Source;
  const session = new Session(source, new AddressStore(place));
  const opened = session.open();
  const starred = toggleStar(session, { sae: 'a', feature: 2 });
  await new Promise((later) => setTimeout(later, 5));
  expect(saved).toEqual([]);
  expect(session.get().collectionsRead).toBe(false);
  answer(inFolder);
  await Promise.all([opened, starred]);
  expect(saved.map(({ collections }) => collections)).toEqual([
    [{ name: 'mine', entries: [1, 2].map((feature) => expect.objectContaining({ sae: 'a', feature })) }],
  ]);
  expect(session.get().collections).toEqual(saved[0]);
  await toggleStar(session, { sae: 'a', feature: 2 });
  expect(saved[1].collections[0].entries.map(({ feature }) => feature)).toEqual([1]);
});

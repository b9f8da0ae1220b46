// Addresses, steps of the history, artefacts that are switched off, collections, and what a run tells: as values.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rulesOf, widthAfter } from '../../explorer/src/parts/column-widths.js';
import { type Address, addressText, changed, parseAddress, start } from '../../explorer/src/state/address.js';
import {
  collectionFor,
  joined,
  moved,
  renamed,
  starredAlready,
  withCollection,
  withNote,
  withoutCollection,
  withoutStar,
  withStar,
} from '../../explorer/src/state/collection.js';
import { AddressStore } from '../../explorer/src/state/history.js';
import { noProgress, withEvent } from '../../explorer/src/state/run-progress.js';
import { switchedScores } from '../../explorer/src/state/switched-off.js';
import type { GroupInFile } from '../../src/results/results-file.js';
import type { Collections, LiveEvent } from '../../src/server/protocol.js';

const name = fc.string({ minLength: 1, maxLength: 20 });
const address: fc.Arbitrary<Address> = fc.record(
  {
    group: name,
    filter: fc.string({ maxLength: 40 }),
    cut: fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
    sort: fc.record({ column: fc.stringMatching(/^\w{1,12}$/), descending: fc.boolean() }),
    feature: fc.record({ sae: name.filter((x) => !x.includes('\n')), feature: fc.nat({ max: 999_999_999 }) }),
    score: fc.constantFrom('cut', 'decoder.max'),
    baseline: name,
    off: fc.array(fc.stringMatching(/^[a-z.-]{1,12}$/), { maxLength: 3 }),
    finding: name,
    chart: fc.constantFrom('histogram', 'share'),
    full: name,
    into: name,
    widths: fc.dictionary(fc.stringMatching(/^[a-z]\w{0,11}$/), fc.integer({ min: 40, max: 2000 }), {
      minKeys: 1,
      maxKeys: 3,
    }),
    open: fc.constantFrom('collections', 'keys'),
  },
  { requiredKeys: ['filter', 'cut', 'score', 'off', 'chart'] },
);

describe('an address', () => {
  it('says all that a page shows', () => {
    fc.assert(
      fc.property(address, (one) => {
        expect(parseAddress(addressText(one))).toEqual(one);
      }),
    );
  });

  it('is empty at the start, and at the start where it says nonsense', () => {
    expect(addressText(start)).toBe('');
    expect(parseAddress('#cut=7&feature=x&chart=cake&open=%00&sort=;drop')).toEqual(start);
  });

  it('loses a key that is taken away', () => {
    expect(changed({ ...start, group: 'g', cut: 0.9 }, { group: undefined })).toEqual({ ...start, cut: 0.9 });
  });
});

describe('the history', () => {
  function browser() {
    const steps = [''];
    let back = () => {};
    const place = {
      location: { hash: '' },
      history: {
        pushState: (_: unknown, __: string, hash: string) => void steps.push(hash),
        replaceState: (_: unknown, __: string, hash: string) => void steps.splice(-1, 1, hash),
      },
      addEventListener: (_: 'popstate', listener: () => void) => {
        back = listener;
      },
    };
    return {
      steps,
      store: new AddressStore(place),
      goBack(hash: string) {
        place.location.hash = hash;
        back();
      },
    };
  }

  it('has a step for what is chosen, none for what is dragged or stays', () => {
    const { steps, store } = browser();
    store.go({ group: 'g' });
    store.move({ cut: 0.8 });
    store.move({ cut: 0.81 });
    store.go({ cut: 0.81 });
    expect(steps).toEqual(['', '#group=g&cut=0.81']);
  });

  it('tells when back is pressed', () => {
    const { store, goBack } = browser();
    let told = 0;
    store.subscribe(() => told++);
    store.go({ group: 'g' });
    goBack('');
    expect(told).toBe(2);
    expect(store.get()).toEqual(start);
  });
});

describe('artefacts that are switched off', () => {
  const cause = (finding: string, metric: string, without: number, correctedWithout: number) => ({
    finding,
    metric,
    score: 0.3,
    corrected: 0.1,
    without,
    correctedWithout,
    reference: 0.6,
    correctedReference: 0.5,
  });
  const group = {
    conclusion: {
      verdict: 'partly',
      deciding: { metric: 'decoder.max.live', score: 0.5, null: 0.2, corrected: 0.375 },
    },
    metrics: { 'decoder.max': { mean: 0.3 } },
    cause: [
      cause('x', 'decoder.max', 0.4, 0.2),
      cause('y', 'decoder.max', 0.5, 0.3),
      cause('z', 'decoder.max', 0.5, 0.3),
    ],
  } as unknown as GroupInFile;
  const headline = (off: readonly string[]) => switchedScores(group, off)[1].now;

  it('leave scores as they are while none is off', () => {
    const [deciding, misled] = switchedScores(group, []);
    expect(deciding.now).toMatchObject({ score: 0.5, null: 0.2 });
    expect(misled.now).toMatchObject({ score: 0.3, corrected: 0.1 });
    // (0.3 − 0.1) / (1 − 0.1)
    expect(misled.now?.null).toBeCloseTo(2 / 9, 12);
  });

  it('move the score to what was measured without one, and without all', () => {
    expect(headline(['x'])).toMatchObject({ score: 0.4, corrected: 0.2 });
    expect(headline(['z', 'y', 'x'])).toMatchObject({ score: 0.6, corrected: 0.5 });
    expect(switchedScores(group, ['x'])[0].now).toMatchObject({ score: 0.5 });
  });

  it('make up nothing for sets that were not measured', () => {
    expect(headline(['x', 'y'])).toBeUndefined();
  });
});

describe('collections', () => {
  const none: Collections = { schema: 'reseed/collections/1', collections: [] };
  const feature = { sae: 'a', feature: 3 };
  const pair = { ...feature, partner: { sae: 'b', feature: 4 } };
  const at = '2026-01-01T00:00:00.000Z';

  it('tell a feature from its pairs', () => {
    const starred = withStar(withStar(none, feature, at), pair, at);
    expect(starredAlready(starred, pair)).toMatchObject(pair);
    const left = withoutStar(starred, feature);
    expect(starredAlready(left, feature)).toBeUndefined();
    expect(starredAlready(left, pair)).toMatchObject(pair);
  });

  it('keep notes, and what is there already when others are taken in', () => {
    const mine = withNote(withStar(none, feature, at), feature, 'mine');
    const others = withStar(withNote(withStar(none, feature, at), feature, 'theirs'), pair, at);
    const both = joined(mine, others);
    expect(both.collections.flatMap(({ entries }) => entries.map(({ note }) => note))).toEqual(['mine', '']);
  });
});

describe('several collections', () => {
  const none: Collections = { schema: 'reseed/collections/1', collections: [] };
  const [one, two] = [
    { sae: 'a', feature: 1 },
    { sae: 'a', feature: 2 },
  ];
  const at = '2026-01-01T00:00:00.000Z';
  const names = ({ collections }: Collections) => collections.map(({ name }) => name);
  const indices = ({ collections }: Collections) =>
    collections.map(({ entries }) => entries.map(({ feature }) => feature));

  it('stand beside each other; a star goes into the one that is named, else into the first', () => {
    const both = withStar(withStar(withCollection(none, 'x'), one, at), two, at, 'y');
    expect([names(both), indices(both)]).toEqual([
      ['x', 'y'],
      [[1], [2]],
    ]);
    expect(withCollection(both, 'x')).toBe(both);
    expect(collectionFor(both, 'y')).toBe('y');
    expect(collectionFor(both, 'gone')).toBe('x');
    expect(collectionFor(none, undefined)).toBe('starred');
  });

  it('keep the note of what is moved from one to the other', () => {
    const both = withNote(withStar(withStar(none, one, at, 'x'), two, at, 'y'), one, 'why');
    const after = moved(both, one, 'y');
    expect(indices(after)).toEqual([[], [2, 1]]);
    expect(starredAlready(after, one)?.note).toBe('why');
    expect(moved(both, { sae: 'b', feature: 1 }, 'y')).toBe(both);
  });

  it('are renamed but not into each other, and taken away', () => {
    const both = withStar(withStar(none, one, at, 'x'), two, at, 'y');
    expect(names(renamed(both, 'x', 'z'))).toEqual(['z', 'y']);
    expect(renamed(both, 'x', 'y')).toBe(both);
    expect(renamed(both, 'x', '')).toBe(both);
    expect(indices(withoutCollection(both, 'x'))).toEqual([[2]]);
  });
});

describe('widths of columns', () => {
  it('are rules for those columns alone, within bounds', () => {
    expect(rulesOf({})).toBe('');
    expect(rulesOf({ cosine: 90 })).toMatch(/^\.grid \.column-cosine \{ width: 90px !important;[^{}]*\}$/);
    expect([widthAfter(100, 12.4), widthAfter(50, -500), widthAfter(1990, 100)]).toEqual([112, 40, 2000]);
  });

  it('come from no address that says more than a width', () => {
    expect(parseAddress('widths=a:90,b}*{:90,c:9,d:99999')).toEqual({ ...start, widths: { a: 90 } });
  });
});

describe('a run', () => {
  const told: LiveEvent[] = [
    { type: 'stage', stage: 'training', detail: '2 SAEs' },
    { type: 'progress', stage: 'training', item: 'g', done: 1, total: 4, secondsLeft: 9 },
    epoch(1, ['g.1', 'g.2'], 0.5),
    epoch(2, ['g.1'], 0.25),
    { type: 'stage', stage: 'comparison', detail: '1 group' },
    { type: 'note', text: 'g.2 has diverged' },
  ];

  function epoch(n: number, ids: readonly string[], loss: number): LiveEvent {
    return {
      type: 'epoch',
      group: 'g',
      epoch: n,
      epochs: 4,
      saes: ids.map((id) => ({ id, loss, features: 8, dead: n })),
    };
  }

  it('shows stages, and the losses of each seed', () => {
    const run = told.reduce(withEvent, noProgress);
    expect(run.stages).toMatchObject([{ stage: 'training', share: 1 }, { stage: 'comparison' }]);
    expect(run.groups.get('g')).toMatchObject([
      {
        id: 'g.1',
        losses: [
          [1, 0.5],
          [2, 0.25],
        ],
        dead: 2,
      },
      { id: 'g.2', losses: [[1, 0.5]], dead: 1 },
    ]);
    expect(run).toMatchObject({ notes: ['g.2 has diverged'], ended: false });
    expect(withEvent(run, { type: 'end', problem: 'stopped' })).toMatchObject({
      ended: true,
      problem: 'stopped',
    });
  });

  it('says how long it may still take while it goes on', () => {
    expect(told.slice(0, 2).reduce(withEvent, noProgress).stages).toMatchObject([
      { share: 0.25, secondsLeft: 9 },
    ]);
  });
});

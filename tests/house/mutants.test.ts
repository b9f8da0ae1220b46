// The mutants that `npm run mutants` makes of a source: which they are, and that each does what it says, and else nothing.
import { readFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { describe, expect, test } from 'vitest';

interface Mutant {
  readonly id: number;
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly atLoading: boolean;
}
type Instrument = (file: string, source: string, first: number) => { code: string; mutants: Mutant[] };

const url = new URL('../../bench/mutants/instrument.mjs', import.meta.url);
const { instrument } = (await import(url.href)) as { instrument: Instrument };

const changes = (source: string) =>
  instrument('a.ts', source, 0).mutants.map(({ from, to }) => `${from} → ${to}`);

/** What the function `f` of a source gives, as it is or with one of its mutants, and how often loops turned and functions were called. */
async function given(source: string, change: string | undefined, ...args: unknown[]) {
  const { code, mutants } = instrument('a.ts', source, 7);
  const active = mutants.find(({ from, to }) => `${from} → ${to}` === change)?.id;
  if (change !== undefined && active === undefined) throw new Error(`no such mutant: ${change}`);
  const { code: plain } = await transformWithOxc(code, 'a.ts');
  let turns = 0;
  const f = new Function('__mutant', '__turn', `${plain}; return f;`)(
    (id: number) => id === active,
    () => turns++,
  );
  return { value: f(...args), turns };
}

describe('mutants of a source', () => {
  test('arithmetic, comparison and boundary, logic, conditions, signs', () => {
    expect(changes('const f = (a: number, b: number) => a + b;')).toEqual(['a + b → a - b']);
    expect(changes('const f = (a: number, b: number) => a < b;')).toEqual([
      'a < b → a <= b',
      'a < b → a >= b',
    ]);
    expect(changes('const f = (a?: string, b?: string) => a ?? b;')).toEqual(['a ?? b → a && b']);
    expect(changes('const f = (a: boolean) => (a ? -a : a);')).toEqual([
      '-a → a',
      'a ? -a : a → true ? -a : a',
      'a ? -a : a → false ? -a : a',
    ]);
    expect(changes('function f(a: boolean) { if (a) return; g(); }')).toEqual([
      'a → true',
      'a → false',
      'g(); → ',
    ]);
  });

  test('literals, elements, ids and calls, but no text for people, no type and no name of a module', () => {
    expect(changes('const much = 0.5;')).toEqual(['0.5 → 5', '0.5 → 0.05']);
    expect(changes('const low = -1;')).toEqual(['1 → 2', '1 → 10', '-1 → 1']);
    expect(changes("const ids = ['a', 'b'] as const;")).toEqual(["[… 'a' …] → [… …]", "[… 'b' …] → [… …]"]);
    expect(changes("const f = (a: 'x' | 'y') => a === 'x';")).toEqual(["'x' → ''", "a === 'x' → a !== 'x'"]);
    expect(changes('const f = (a: number[]) => a.filter(g).some(g);')).toEqual([
      'a.filter(g) → a',
      'a.filter(g).some(g) → a.filter(g).every(g)',
    ]);
    expect(changes("import { a } from './a.js'; throw new Error('Two words.');")).toEqual([
      "throw new Error('Two words.'); → ",
    ]);
  });

  test('a key of a spread is only left out, since one without a value is the same result', () => {
    expect(changes('const f = (a?: 1) => ({ ...(a ? { a } : {}) });')).toEqual([
      'a ? { a } : {} → false ? { a } : {}',
    ]);
  });

  test('each does what it says, and the source with all of them what it did', async () => {
    const source = `
      function f(list: readonly number[] | undefined, low = 2): number {
        let sum = 0;
        for (const one of list?.filter((n) => n > low) ?? []) sum += one;
        return sum;
      }`;
    expect(await given(source, undefined, [1, 2, 3, 4])).toEqual({ value: 7, turns: 3 });
    expect((await given(source, 'n > low → n >= low', [1, 2, 3, 4])).value).toBe(9);
    expect((await given(source, 'sum += one; → ', [1, 2, 3, 4])).value).toBe(0);
    expect((await given(source, 'list?.filter((n) => n > low) → list', [1, 2, 3, 4])).value).toBe(10);
    expect((await given(source, undefined, undefined)).value).toBe(0);
  });

  test('what a module does when it is loaded is told apart from what its functions do', () => {
    const { mutants } = instrument('a.ts', 'const much = 0.5; const f = (a: number) => a * much;', 0);
    expect(mutants.map(({ from, atLoading }) => [from, atLoading])).toEqual([
      ['0.5', true],
      ['0.5', true],
      ['a * much', false],
    ]);
  });
});

test.each([
  ['src/diagnosis/counterfactual.ts', "'identifiability.width': 'crowding', | 'crowding' → ''"],
  ['src/metrics/nulls/untrained.ts', "keeps: ['crowding', 'data', 'start'], | [… 'crowding' …] → [… …]"],
  [
    'src/diagnosis/counterfactual.ts',
    'otherNulls?.filter(({ kind }) => nullModel(kind).holdsForFewerPairs) → otherNulls',
  ],
  ['src/metrics/nulls/own-init.ts', 'holdsForFewerPairs: false, | false → true'],
  ['src/diagnosis/judgement.ts', 'const lowest = -1; | 1 → 10'],
  ['src/diagnosis/cause.ts', "id === 'training.unfinished' ? 3 : 2; | 3 → 2"],
])('%s: %s is one of them', (file, change) => {
  const { mutants } = instrument(file, readFileSync(file, 'utf8'), 0);
  expect(mutants.filter(({ key }) => key.endsWith(change))).toHaveLength(1);
});

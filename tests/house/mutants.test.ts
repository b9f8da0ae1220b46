// The mutants that `npm run mutants` makes of a source: which they are, and that each does what it says, and else nothing.
import { readFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { describe, expect, test } from 'vitest';

interface Mutant {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly site: number;
}
interface Instrumented {
  readonly mutants: readonly Mutant[];
}
interface Instrument {
  instrument(file: string, source: string): Instrumented;
  withReach(source: string, instrumented: Instrumented, first: number): string;
  withMutant(source: string, instrumented: Instrumented, mutant: Mutant): string;
}

interface LoadedModules {
  import(file: string): Promise<Record<string, unknown>>;
  forget(which: (file: string) => boolean): void;
  replace(file: string, source?: string): Promise<void>;
}
interface Suite {
  readonly api: typeof import('vitest');
  collected(load: () => void): Promise<{ readonly tests: readonly { readonly name: string }[] }>;
  run(suite: object, chosen?: readonly object[]): Promise<object | undefined>;
}

const url = new URL('../../bench/mutants/instrument.mjs', import.meta.url);
const { instrument, withReach, withMutant } = (await import(url.href)) as Instrument;

const changes = (source: string) =>
  instrument('a.ts', source).mutants.map(({ from, to }) => `${from} → ${to}`);

function mutantOf({ mutants }: Instrumented, change: string): Mutant {
  const found = mutants.find(({ from, to }) => `${from} → ${to}` === change);
  if (!found) throw new Error(`no such mutant: ${change}`);
  return found;
}

/** What the function `f` of a source gives; which sites it reached, and how often loops turned and functions were called. */
async function given(code: string, ...args: unknown[]) {
  const { code: plain } = await transformWithOxc(code, 'a.ts');
  const reached = new Set<number>();
  let turns = 0;
  const f = new Function('__reach', '__turn', `${plain}; return f;`)(
    (site: number) => reached.add(site),
    () => turns++,
  );
  return { value: f(...args), turns, reached };
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

  const source = `
    function f(list: readonly number[] | undefined, low = 2): number {
      let sum = 0;
      for (const one of list?.filter((n) => n > low) ?? []) sum += one;
      return sum;
    }`;
  const instrumented = instrument('a.ts', source);

  test.each([
    ['n > low → n >= low', 9],
    ['sum += one; → ', 0],
    ['sum += one → sum -= one', -7],
    ['list?.filter((n) => n > low) → list', 10],
    ['0 → 1', 8],
  ])('%s gives %i, and loops and calls are counted', async (change, value) => {
    const code = withMutant(source, instrumented, mutantOf(instrumented, change));
    const found = await given(code, [1, 2, 3, 4]);
    expect(found.value).toBe(value);
    expect(found.turns).toBeGreaterThan(2);
  });

  test('the source that tells what is reached does what it did, and reaches what a list is needed for with one', async () => {
    const code = withReach(source, instrumented, 100);
    const [some, none] = [await given(code, [1, 2, 3, 4]), await given(code, undefined)];
    expect([some.value, some.turns, none.value, none.turns]).toEqual([7, 3, 0, 1]);
    const filter = mutantOf(instrumented, 'list?.filter((n) => n > low) → list').site;
    const sum = mutantOf(instrumented, 'sum += one; → ').site;
    expect([some, none].map(({ reached }) => reached.has(100 + filter))).toEqual([true, true]);
    expect([some, none].map(({ reached }) => reached.has(100 + sum))).toEqual([true, false]);
  });
});

test.each([
  ['src/diagnosis/counterfactual.ts', "'identifiability.width': 'crowding', | 'crowding' → ''"],
  ['src/metrics/nulls/untrained.ts', "keeps: ['crowding', 'data', 'start'], | [… 'crowding' …] → [… …]"],
  ['src/metrics/nulls/over-pairs.ts', 'level.pairs.filter(({ a, b }) => keep(a, b)) → level.pairs'],
  ['src/diagnosis/judgement.ts', 'const lowest = -1; | 1 → 10'],
  ['src/diagnosis/cause.ts', "id === 'training.unfinished' ? 3 : 2; | 3 → 2"],
])('%s: %s is one of them', (file, change) => {
  const { mutants } = instrument(file, readFileSync(file, 'utf8'));
  expect(mutants.filter(({ key }) => key.endsWith(change))).toHaveLength(1);
});

describe('modules and tests in one process', () => {
  test('a module is evaluated once, and anew with what is put in its place', async () => {
    const { Modules } = (await import(new URL('../../bench/mutants/modules.mjs', import.meta.url).href)) as {
      Modules: new (sourceOf: (file: string) => string, given: object) => LoadedModules;
    };
    const sources: Record<string, string> = {
      'src/a.ts': "import { given } from 'given'; export const n: number = given + 1;",
      'src/b.ts': "export { n } from './errors.js'; export default () => import.meta.url;",
    };
    const modules = new Modules((file) => sources[file] ?? 'export const n = 5;', { given: { given: 2 } });
    const before = await modules.import('src/a.ts');
    expect(before['n']).toBe(3);
    expect(await modules.import('src/a.ts')).toBe(before);
    await modules.replace('src/a.ts', 'export const n = 7;');
    expect((await modules.import('src/a.ts'))['n']).toBe(3);
    modules.forget((file) => file === 'src/a.ts');
    expect((await modules.import('src/a.ts'))['n']).toBe(7);
    const b = await modules.import('src/b.ts');
    expect(b['n']).toBe(5);
    expect((b['default'] as () => string)()).toMatch(/^file:.*\/src\/b\.ts$/);
  });

  test('tests are run in their order, with their hooks, up to the first that fails', async () => {
    const { api, collected, run } = (await import(
      new URL('../../bench/mutants/suite.mjs', import.meta.url).href
    )) as Suite;
    const done: string[] = [];
    const suite = await collected(() => {
      api.beforeAll(() => {
        done.push('before');
      });
      api.afterAll(() => {
        done.push('after');
      });
      api.it('a', () => {
        done.push('a');
      });
      api.describe.each([1, 2])('of %i', (n: number) => {
        api.beforeEach(() => {
          done.push(`each ${n}`);
        });
        api.it('is one', () => {
          done.push(`b ${n}`);
          api.expect(n).toBe(1);
        });
      });
      api.it('c', () => {
        done.push('c');
      });
    });
    expect(suite.tests.map(({ name }) => name)).toEqual(['a', 'is one', 'is one', 'c']);
    expect(await run(suite)).toMatchObject({ test: { name: 'is one' }, cause: { name: 'AssertionError' } });
    expect(done).toEqual(['before', 'a', 'each 1', 'b 1', 'each 2', 'b 2', 'after']);
    done.length = 0;
    expect(await run(suite, [suite.tests[3]!])).toBeUndefined();
    expect(done).toEqual(['before', 'c', 'after']);
  });
});

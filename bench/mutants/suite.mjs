// What tests import from vitest, and nothing more: tests are collected, and run one by one up to the first that fails.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
} from '@vitest/expect';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

function expect(value, message) {
  return chai.expect(value, message);
}
Object.assign(expect, chai.expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT]);
// A test is over with the first that fails.
expect.soft = expect;

let at;

function block(parent) {
  return { parent, parts: [], beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] };
}

function describe(_name, body) {
  const outer = at;
  at = block(outer);
  outer.parts.push(at);
  body();
  at = outer;
}

function it(name, ...rest) {
  at.parts.push({ name, body: rest.find((one) => typeof one === 'function') });
}

const hook = (kind) => (body) => {
  at[kind].push(body);
};

const each =
  (declare) =>
  (rows) =>
  (name, ...rest) => {
    const body = rest.find((one) => typeof one === 'function');
    for (const row of rows) declare(name, () => body(...(Array.isArray(row) ? row : [row])));
  };
describe.each = each(describe);
it.each = each(it);

/** In the place of vitest. */
export const api = {
  expect,
  describe,
  it,
  test: it,
  ...Object.fromEntries(
    ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((kind) => [kind, hook(kind)]),
  ),
};

/** The tests that a file declares when it is loaded, in their order, each as { name, body, within }. */
export async function collected(load) {
  at = block(undefined);
  const top = at;
  await load();
  return { top, tests: testsIn(top) };
}

function testsIn(within) {
  return within.parts.flatMap((part) => (part.parts ? testsIn(part) : [Object.assign(part, { within })]));
}

/**
 * Runs these of a file's tests up to the first that fails, which it gives as { test, cause }. `after` is told of each, and of each
 * block's hooks; `forgives` says which failures of a test are none, and `enough` whether the others are left out.
 */
export async function run({ top, tests }, chosen = tests, watch = {}) {
  const { after = () => {}, forgives = () => false, enough = () => false } = watch;
  const wanted = new Set(chosen);
  const has = (part) => (part.parts ? part.parts.some(has) : wanted.has(part));

  async function runBlock(one) {
    const ends = [...one.afterAll];
    try {
      for (const before of one.beforeAll) {
        const end = await before();
        if (typeof end === 'function') ends.push(end);
      }
      after({ tests: testsIn(one) });
      for (const part of one.parts) {
        if (!has(part) || enough()) continue;
        await (part.parts ? runBlock(part) : runTest(part));
      }
    } finally {
      for (const end of ends.reverse()) await end();
    }
  }

  async function runTest(test) {
    const blocks = [];
    for (let one = test.within; one; one = one.parent) blocks.unshift(one);
    try {
      for (const { beforeEach } of blocks) for (const before of beforeEach) await before();
      await test.body({ expect });
      for (const { afterEach } of blocks.reverse()) for (const end of afterEach) await end();
    } catch (error) {
      if (!forgives(error)) throw new Failed(test, error);
    }
    after({ tests: [test] });
  }

  try {
    await runBlock(top);
    return undefined;
  } catch (error) {
    return error instanceof Failed
      ? { test: error.test, cause: error.cause }
      : { test: undefined, cause: error };
  }
}

class Failed extends Error {
  constructor(test, cause) {
    super(test.name, { cause });
    this.test = test;
  }
}

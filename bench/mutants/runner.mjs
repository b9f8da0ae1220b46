// Inside a worker of vitest: runs test files with one mutant after another, until a test fails.
//
// Sources are loaded once. A file of tests is run without a mutant first, which tells which of its tests reach which mutants; only
// those are run with the mutant, in the same process. What a module does when it is loaded is done again for a mutant of it, and
// of all that imports it.
import { appendFileSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startTests } from '@vitest/runner';
import { TestRunner } from 'vitest';

const { log, total, pending, order, above } = JSON.parse(readFileSync(process.env.MUTANTS_JOB, 'utf8'));
const alive = new Set(pending);

/** A mutant may take this many times the turns and the time that the tests take without it. */
const patience = { turns: 20, time: 10 };
const leastTurns = 1_000_000;
const leastMs = 10_000;

let counts = new Uint32Array(total);
let [active, turns, mostTurns] = [-1, 0, Number.POSITIVE_INFINITY];

globalThis.__mutant = (id) => {
  if (active < 0) counts[id]++;
  return id === active;
};
globalThis.__turn = () => {
  turns++;
  if (turns > mostTurns) throw new Error('a loop that does not end');
};

const note = (entry) => appendFileSync(log, `${JSON.stringify(entry)}\n`);
const nameOf = (test) => (test.suite ? `${nameOf(test.suite)} > ${test.name}` : test.name);
const isTest = (id) => /\/tests\//.test(id);

export default class MutantRunner extends TestRunner {
  #plain = new Map();

  /** The file that vitest itself was started with has no part in it: all is done in `onAfterRunFiles`. */
  importFile() {}

  async onAfterRunFiles(files) {
    for (const kind of ['near', 'far']) {
      for (const test of order) {
        for (const one of alive) if (one[kind].includes(test)) await this.#try(one, test);
      }
    }
    await super.onAfterRunFiles(files);
  }

  async #try(one, test) {
    if (one.been.includes(test)) return;
    const plain = await this.#withoutMutant(test);
    const names = plain.reaching(one.id);
    if (names?.length === 0) return;
    note({ start: one.key, test, limit: patience.time * plain.ms + leastMs });
    const again = new Set(one.atLoading ? above[one.file] : []);
    const forgotten = (id) => isTest(id) || again.has(relative(this.config.root, id));
    const { failed } = await this.#run(test, { mutant: one.id, names, forgotten, most: plain.turns });
    if (failed) alive.delete(one);
    note({ done: one.key, test, ...(failed ? { failed } : {}) });
  }

  /** What a file of tests does without a mutant: its time of CPU, its turns of loops, and which of its tests reach which mutants. */
  async #withoutMutant(test) {
    const known = this.#plain.get(test);
    if (known) return known;
    const run = await this.#run(test, { forgotten: () => true });
    if (run.failed) {
      note({ broken: test, test: run.failed });
      throw new Error(`${test} fails without a mutant`);
    }
    const { ms, byAll, byTest } = run;
    note({ test, ms });
    const plain = {
      ms,
      turns: run.turns,
      /** The names of tests; undefined for all of them, where it is reached before any, or between them. */
      reaching: (id) =>
        byAll[id] > 0 ? undefined : byTest.filter(([, reached]) => reached[id] > 0).map(([name]) => name),
    };
    this.#plain.set(test, plain);
    return plain;
  }

  /** Runs the tests of these names of a file, up to the first that fails. */
  async #run(test, { mutant, names, forgotten, most }) {
    this.#forget(forgotten);

    const byTest = [];
    let byAll = new Uint32Array(total);
    const take = () => {
      const taken = counts;
      counts = new Uint32Array(total);
      return taken;
    };
    const takeForAll = () => {
      if (mutant === undefined) byAll = added(byAll, take());
    };
    let failed;
    const inner = Object.create(this, {
      importFile: { value: (...given) => TestRunner.prototype.importFile.apply(this, given) },
      onCollectStart: { value: (file) => TestRunner.prototype.onCollectStart.call(this, file) },
      onBeforeRunTask: {
        value: (task) => {
          takeForAll();
          if (failed || (names && !names.includes(nameOf(task)))) task.mode = 'skip';
          return TestRunner.prototype.onBeforeRunTask.call(this, task);
        },
      },
      onAfterRunTask: {
        value: (task) => {
          if (task.result.state === 'fail') failed ??= nameOf(task);
          if (mutant === undefined) byTest.push([nameOf(task), take()]);
        },
      },
      cancel: { value: undefined, writable: true },
      ...Object.fromEntries(
        ['onCollected', 'onTaskUpdate', 'onCleanupWorkerContext', 'onAfterRunFiles', 'onAfterRunSuite'].map(
          (name) => [name, { value: undefined }],
        ),
      ),
    });
    [active, turns] = [mutant ?? -1, 0];
    mostTurns = mutant === undefined ? Number.POSITIVE_INFINITY : patience.turns * most + leastTurns;
    take();
    const began = process.cpuUsage();
    const [file] = await startTests([join(this.config.root, test)], inner);
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    [active, mostTurns] = [-1, Number.POSITIVE_INFINITY];
    takeForAll();
    return { ms, turns, failed: failed ?? failureIn(file), byAll, byTest };
  }

  /** Has modules of the project loaded anew when they are imported next. */
  #forget(which) {
    for (const [id, node] of this.workerState.evaluatedModules.idToModuleMap) {
      if (/\/node_modules\/|\/bench\/mutants\//.test(id) || !which(id)) continue;
      Object.assign(node, { promise: undefined, exports: undefined, evaluated: false });
      node.importers.clear();
    }
  }
}

const added = (sum, more) => sum.map((n, i) => n + more[i]);

/** A hook, or the file itself, can fail where no test did. */
function failureIn(task) {
  if (task.result?.state === 'fail') return task.name ?? 'the file';
  return task.tasks?.map(failureIn).find((name) => name !== undefined);
}

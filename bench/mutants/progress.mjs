// The log of a run: what has become of each mutant so far, read on as it grows.
import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';

export class Progress {
  #at = 0;
  #rest = '';
  /** By key of the mutant: the test that failed, if any, and the test files that it has been through. */
  outcomes = new Map();
  broken = [];
  last = {};

  constructor(log, keep) {
    this.log = log;
    if (!keep || !existsSync(log)) writeFileSync(log, '');
    this.readOn();
  }

  add(entry) {
    appendFileSync(this.log, `${JSON.stringify(entry)}\n`);
    this.readOn();
  }

  /** Takes those that lived on for untried. */
  forgetSurvivors() {
    this.add({ again: true });
  }

  killed(key) {
    return this.outcomes.get(key)?.failed !== undefined;
  }

  readOn() {
    const file = openSync(this.log, 'r');
    const fresh = Buffer.alloc(fstatSync(file).size - this.#at);
    this.#at += readSync(file, fresh, 0, fresh.length, this.#at);
    closeSync(file);
    const lines = (this.#rest + fresh.toString('latin1')).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#take(JSON.parse(Buffer.from(line, 'latin1').toString('utf8')));
    return fresh.length > 0;
  }

  #take(entry) {
    this.last = entry;
    if (entry.broken) this.broken.push(entry);
    if (entry.again) this.outcomes = new Map([...this.outcomes].filter(([, { failed }]) => failed));
    if (entry.done === undefined) return;
    const one = this.outcomes.get(entry.done) ?? { been: new Set() };
    one.been.add(entry.test);
    one.failed ??= entry.failed;
    this.outcomes.set(entry.done, one);
  }
}

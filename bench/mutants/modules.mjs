// Modules of the project, compiled once and evaluated as often as asked for: a test and what it tests are loaded anew in milliseconds.
//
// Each module becomes a function of its imports and exports, as vite's runner has them. What does not lie in src/ or tests/ is
// imported by Node, once.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleRunnerTransform, transformWithOxc } from 'vite';

const AsyncFunction = (async () => {}).constructor;
const parameters = [
  'import__',
  'exports__',
  'exportName__',
  'exportAll__',
  'dynamic_import__',
  'import_meta__',
];

export class Modules {
  #compiled = new Map();
  #evaluated = new Map();

  /** `sourceOf` gives the source of a file, by its path from the root of the project; `given` has what some packages are. */
  constructor(sourceOf, given) {
    this.sourceOf = sourceOf;
    this.given = given;
  }

  /** What a file exports, by its path from the root of the project. */
  async import(file) {
    const known = this.#evaluated.get(file);
    if (known) return known;
    const exports = this.#evaluate(file);
    this.#evaluated.set(file, exports);
    return exports;
  }

  /** Has these files ready to be evaluated. */
  async compile(files) {
    for (const file of files) await this.#compile(file);
  }

  /** Has these files evaluated anew when they are imported next. */
  forget(which) {
    for (const file of this.#evaluated.keys()) if (which(file)) this.#evaluated.delete(file);
  }

  /** Has this file be another source, until it is put back without one. */
  async replace(file, source) {
    this.#compiled.delete(file);
    if (source !== undefined) this.#compiled.set(file, await compiled(file, source));
  }

  async #compile(file) {
    if (!this.#compiled.has(file)) this.#compiled.set(file, await compiled(file, this.sourceOf(file)));
  }

  async #evaluate(file) {
    await this.#compile(file);
    const exports = Object.create(null);
    const exportName = (name, get) =>
      Object.defineProperty(exports, name, { enumerable: true, configurable: true, get });
    const exportAll = (from) => {
      for (const name of Object.keys(from)) {
        if (name !== 'default' && !(name in exports)) exportName(name, () => from[name]);
      }
    };
    const path = resolve(file);
    const meta = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) };
    const from = (name) => this.#importFrom(file, name);
    await this.#compiled.get(file)(from, exports, exportName, exportAll, from, meta);
    for (const name of Object.keys(exports)) settle(exports, name);
    return exports;
  }

  #importFrom(file, name) {
    if (this.given[name]) return this.given[name];
    if (!name.startsWith('.')) return import(name);
    const beside = join(dirname(file), name);
    const source = beside.replace(/\.js$/, '.ts');
    return existsSync(source) && source.endsWith('.ts')
      ? this.import(source)
      : import(pathToFileURL(beside).href);
  }
}

/** What is exported stays what it is, and is read faster so. */
function settle(exports, name) {
  Object.defineProperty(exports, name, { enumerable: true, configurable: true, value: exports[name] });
}

async function compiled(file, source) {
  const { code: plain } = await transformWithOxc(source, file);
  const { code } = await moduleRunnerTransform(plain, null, file, plain);
  const names = parameters.map((name) => `__vite_ssr_${name}`);
  return new AsyncFunction(...names, `"use strict";${code}`);
}

export const read = (file) => readFileSync(file, 'utf8');

// Which sources have mutants, and which tests can tell: those of the folders below that import them, by whatever way.
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from './operators.mjs';

/** Folders with mutants, and the folders of the tests that are tried, in this order. */
const testFolders = {
  'src/diagnosis': ['tests/diagnosis', 'tests/report/wording.test.ts'],
  'src/stats': ['tests/stats', 'tests/metrics', 'tests/evidence'],
  'src/metrics': ['tests/metrics', 'tests/properties', 'tests/diagnosis', 'tests/evidence'],
  'src/evidence': ['tests/evidence', 'tests/diagnosis', 'tests/metrics'],
};
export const folders = Object.keys(testFolders);

export function sourcesOf(path) {
  return filesUnder(path).filter((file) => file.endsWith('.ts'));
}

function filesUnder(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile())
    .sort();
}

/**
 * The tests of each of these sources: `near` those that import it themselves, if any, `all` by whatever way; and the files that import it,
 * by whatever way, which are loaded anew with it.
 */
export function testsFor(sources) {
  const foldersOf = (file) => testFolders[folders.find((folder) => file.startsWith(`${folder}/`))];
  const among = (file) =>
    foldersOf(file).flatMap((folder) => filesUnder(folder).filter((name) => name.endsWith('.test.ts')));
  const tests = new Map(
    sources.map((file) => {
      const all = among(file).filter((test) => importsOf(test).has(file));
      const near = all.filter((test) => imports(test).includes(file));
      return [file, { near: near.length > 0 ? near : all, all }];
    }),
  );
  const modules = [...direct.keys()];
  const above = Object.fromEntries(
    sources.map((file) => [file, modules.filter((module) => importsOf(module).has(file))]),
  );
  return { tests, above };
}

const direct = new Map();

const reached = new Map();

/** All files that a file imports, over any number of steps, and itself. */
export function importsOf(file) {
  if (reached.has(file)) return reached.get(file);
  const found = new Set();
  reached.set(file, found);
  const next = [file];
  for (let at = next.pop(); at; at = next.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    next.push(...imports(at));
  }
  return found;
}

function imports(file) {
  if (!direct.has(file)) direct.set(file, directImports(file));
  return direct.get(file);
}

function directImports(file) {
  if (!file.endsWith('.ts')) return [];
  return parse(file, readFileSync(file, 'utf8'))
    .body.filter(({ source, importKind }) => source?.value.startsWith('.') && importKind !== 'type')
    .map(({ source }) => join(dirname(file), source.value).replace(/\.js$/, '.ts'))
    .filter((path) => existsSync(path));
}

const built = 'dist/.tsbuildinfo';

/** Whether dist is of these sources: worker threads run from it. */
export function isBuilt() {
  return (
    existsSync(built) && filesUnder('src').every((file) => statSync(file).mtimeMs < statSync(built).mtimeMs)
  );
}

/** The compiler leaves its file alone where nothing has changed. */
export function markBuilt() {
  utimesSync(built, new Date(), new Date());
}

/** So many of each folder, drawn at random; the same for the same seed. */
export function drawn(mutants, count, seed) {
  const random = uniform(seed);
  return folders.flatMap((folder) => {
    const rest = mutants.filter(({ file }) => file.startsWith(`${folder}/`));
    const taken = [];
    while (taken.length < count && rest.length > 0)
      taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
    return taken;
  });
}

/** Numbers in 0 … 1: Lehmer's generator, good enough to draw a sample. */
function uniform(seed) {
  let state = (Number(seed) * 7919 + 17) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

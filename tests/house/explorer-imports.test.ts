// The page reads results and features and shares no code with the report; its own folders build on each other in one direction.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = 'explorer/src';

/** From the bottom up. What computes imports nothing that is shown, so it is tested without a browser. */
const levels = ['data', 'state', 'parts', 'views', 'app.tsx', 'main.tsx'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(join(root, page), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .sort();

const imports = files.flatMap((file): Import[] => {
  const text = readFileSync(join(root, page, file), 'utf8');
  return [...text.matchAll(/^(?:import|export) (type )?[^'"]*?from '(\.[^']+)'/gms)].map(
    ([, type, path]) => ({
      from: file,
      to: relative(root, normalize(join(root, page, dirname(file), path))),
      typeOnly: type !== undefined,
    }),
  );
});

/** Not of types alone. */
const valueImport = /^(?:import|export) (?!type )(?!\{(?:\s*type \w+,?)+\s*\} )[^'"]*?from '([^']+)'/gms;

const outside = imports.filter(({ to }) => !to.startsWith(page));

/** Compares files in threads of its own: the only code of the page that is the command's, too. */
const here = (file: string) => file.startsWith('data/here/');

it('takes types of results, features, the server and a comparison from outside, and no code', () => {
  expect(outside.length).toBeGreaterThan(5);
  const allowed =
    /^src\/(results|features)\/|^src\/server\/protocol\.js$|^src\/compare\/compare-decoders\.js$/;
  const wrong = outside.filter(({ from, to, typeOnly }) => !here(from) && !(typeOnly && allowed.test(to)));
  expect(wrong).toEqual([]);
});

it('compares files by the code of readers, kernel and comparison, which no other part of the page loads', () => {
  const code = outside.filter(({ from, typeOnly }) => here(from) && !typeOnly);
  expect(code.length).toBeGreaterThan(5);
  const allowed = /^src\/(errors\.js|formats\/|sae\/|kernel\/|compare\/compare-decoders\.js)/;
  expect(code.filter(({ to }) => !allowed.test(to))).toEqual([]);
  const loads = imports.filter(({ from, to }) => !here(from) && here(relative(page, to)));
  expect(loads).toEqual([]);
});

it('compares files by code that asks for nothing of Node but how paths are taken apart', () => {
  const asked = new Set<string>();
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, path] of readFileSync(join(root, file), 'utf8').matchAll(valueImport)) {
      if (path.startsWith('.')) follow(normalize(join(dirname(file), path)).replace(/\.js$/, '.ts'));
      else if (path.startsWith('node:')) asked.add(path);
    }
  };
  for (const file of files.filter(here)) follow(join(page, file));
  expect(seen.size).toBeGreaterThan(100);
  expect([...asked]).toEqual(['node:path']);
});

it('builds in one direction', () => {
  const levelOf = (path: string) => levels.indexOf(path.split('/')[0].replace(/\.js$/, '.tsx'));
  const inside = imports
    .filter((one) => !outside.includes(one))
    .map(({ from, to }) => ({ from, to: relative(page, to) }));
  expect(inside.length).toBeGreaterThan(50);
  expect(inside.filter(({ from, to }) => levelOf(from) < 0 || levelOf(to) < 0)).toEqual([]);
  expect(inside.filter(({ from, to }) => levelOf(to) > levelOf(from))).toEqual([]);
});

it('goes in no circle', () => {
  const plain = (path: string) => path.replace(/\.(js|tsx?)$/, '');
  let left = imports.map(({ from, to }) => ({ from: plain(from), to: plain(relative(page, to)) }));
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const importing = new Set(left.map(({ from }) => from));
    left = left.filter(({ to }) => importing.has(to));
  }
  expect(left).toEqual([]);
});

it('has files that begin with what they do, under names that say it', () => {
  const silent = files.filter((file) => !/^\/\/ \S/.test(readFileSync(join(root, page, file), 'utf8')));
  expect(silent).toEqual([]);
  const names = files.map((file) => file.split('/').at(-1) as string);
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*\.tsx?$/.test(name))).toEqual([]);
});

it('has one line in the registry for each view that stands on the page', () => {
  const registry = readFileSync(join(root, page, 'views/registry.ts'), 'utf8');
  const entries = [...registry.matchAll(/\{ id: '([\w-]+)', View: (\w+) \}/g)];
  expect(entries.length).toBeGreaterThan(5);
  expect(new Set(entries.map(([, id]) => id)).size).toBe(entries.length);
});

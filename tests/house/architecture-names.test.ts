// The name of an architecture stands in its own file and in the recipes that are defined for it, and nowhere else: a list or a
// condition by name would have to be thought of whenever one is added.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import {
  architectureNames,
  architectures,
  ownKeys,
  ownSettings,
} from '../../src/training/architectures/registry.js';
import { recipeNames, recipes } from '../../src/training/recipes/registry.js';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Where the same words are kinds of activation, rules of the kernel, and what other tools call their SAEs. */
const otherWords = /^(sae|kernel|metrics)\//;

/** Every file with its code, without comments. */
const code = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !otherWords.test(file))
    .sort()
    .map((file) => [file, withoutComments(readFileSync(join(src, file), 'utf8'))]),
);

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '');
}

/** Whether code names it: in quotes, but for kinds of activation and rules of the kernel, or as a key. */
function names(text: string, name: string): boolean {
  // `relu` is also what the kernel calls whether codes are clipped.
  const key = name === 'relu' ? '' : `|(?<![\\w'-])${name}(?=: )`;
  return new RegExp(`(?<!(?:kind|rule)(?::| ===) )(['"\`])${name}\\1${key}`).test(text);
}

test.each(
  architectureNames,
)('%s is named by its own file, and by recipes that are defined for it', (name) => {
  const own = `training/architectures/${name}.ts`;
  const defined = recipeNames
    .filter((recipe) => recipes[recipe].trains?.[name])
    .map((recipe) => `training/recipes/${recipe}.ts`);
  const found = [...code].flatMap(([file, text]) => (names(text, name) ? [file] : []));
  expect(found).toContain(own);
  expect(found.filter((file) => file !== own && !defined.includes(file))).toEqual([]);
});

describe('names in code', () => {
  it.each([
    ["if (architecture === 'gated')", true],
    ['const table = { gated: 1 }', true],
    ["const table = { 'gated': 1 }", true],
    ['// gated has two biases', false],
    ["activation: { kind: 'gated', scale }", false],
    ["activation.kind === 'gated'", false],
    ["rule: 'gated',", false],
    ['const isGated = x.gated;', false],
  ])('%s', (text, expected) => {
    expect(names(withoutComments(text), 'gated')).toBe(expected);
  });
});

it('every entry of the registries has the file that its name says', () => {
  for (const name of architectureNames) {
    expect(architectures[name].name).toBe(name);
    expect(existsSync(join(src, `training/architectures/${name}.ts`)), name).toBe(true);
  }
  for (const name of recipeNames) {
    expect(recipes[name].name).toBe(name);
    expect(existsSync(join(src, `training/recipes/${name}.ts`)), name).toBe(true);
  }
});

it('architectures that have a setting of one key have the same setting', () => {
  for (const key of ownKeys) {
    const all = Object.values(architectures).flatMap(({ settings }) => settings[key] ?? []);
    expect(all.length).toBeGreaterThan(0);
    for (const setting of all) expect(setting, key).toBe(ownSettings[key]);
  }
});

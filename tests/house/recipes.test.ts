// The recipes of CONTRIBUTING hold: what is added is a file and a line where all of its kind are listed, and no other code names it.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checks } from '../../src/diagnosis/checks/registry.js';
import { nullModels } from '../../src/metrics/nulls/registry.js';
import { metrics } from '../../src/metrics/registry.js';
import { saeSources } from '../../src/sae/read-sae.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
const sources = filesIn('src').map((file) => ({ file, text: read(file) }));
const contributing = read('CONTRIBUTING.md');

interface Recipe {
  readonly what: string;
  readonly folder: string;
  /** What such a file exports. */
  readonly exports: RegExp;
  /** The one place that lists them. */
  readonly list: string;
  /** How many there are, told by the list itself. */
  readonly listed: number;
  /** One that CONTRIBUTING points to, and the name that nothing but its file knows. */
  readonly example: readonly [file: string, id: string];
}

const occurrences = (file: string, pattern: RegExp) => [...read(file).matchAll(pattern)].length;

const recipes: readonly Recipe[] = [
  {
    what: 'a metric',
    folder: 'src/metrics',
    exports: /^export const (metric|subspace\d+)\b/m,
    list: 'src/metrics/registry.ts',
    // The subspaces of four ranks share a file.
    listed: metrics.length - 3,
    example: ['src/metrics/decoder-jaccard.ts', 'decoder.jaccard'],
  },
  {
    what: 'a null',
    folder: 'src/metrics/nulls',
    exports: /^export const model\b/m,
    list: 'src/metrics/nulls/registry.ts',
    listed: nullModels.length,
    example: ['src/metrics/nulls/data-covariance.ts', 'data-covariance'],
  },
  {
    what: 'a check',
    folder: 'src/diagnosis/checks',
    exports: /^export const check\b/m,
    list: 'src/diagnosis/checks/registry.ts',
    listed: checks.length,
    example: ['src/diagnosis/checks/split-features.ts', 'features.split'],
  },
  {
    what: 'a checkpoint source',
    folder: 'src/sae/sources',
    exports: /^export const \w+: SaeSource\b/m,
    list: 'src/sae/read-sae.ts',
    // Goodfire's and DeepSeek's layouts share a file.
    listed: saeSources.length - 1,
    example: ['src/sae/sources/interplm.ts', 'interplm'],
  },
  {
    what: 'a figure',
    folder: 'src/report/figures',
    exports: /^export function \w+Figure\([^)]*\bResults\b/m,
    list: 'src/report/figures/index.ts',
    listed: occurrences('src/report/figures/index.ts', /^ {4}\w+Figure,/gm),
    example: ['src/report/figures/causes.ts', 'causesFigure'],
  },
  {
    what: 'a command',
    folder: 'src/cli',
    exports: /^export function \w+Command\(\): Command/m,
    list: 'src/cli/main.ts',
    listed: occurrences('src/cli/main.ts', /\(await import\('\.\/\w+\.js'\)\)\.\w+Command\(\)/g),
    example: ['src/cli/report.ts', 'reportCommand'],
  },
];

describe.each(recipes)('$what', ({ folder, exports, list, listed, example: [file, id] }) => {
  test('each is a file that the list imports, and the list has no other', () => {
    const own = filesIn(folder).filter((name) => name !== list && exports.test(read(name)));
    const imported = own.filter((name) => read(list).includes(`/${basename(name, '.ts')}.js'`));
    expect(own.length).toBeGreaterThan(3);
    expect(own.filter((name) => !imported.includes(name))).toEqual([]);
    expect(own).toHaveLength(listed);
  });

  test('the example is named by its file, the list and a test, and nowhere else', () => {
    const naming = sources.filter(({ text }) =>
      new RegExp(`['"\`]${id}['"\`]|\\b${id}\\(|\\b${id}\\b(?=,)`).test(text),
    );
    expect(naming.map((one) => one.file).filter((name) => name !== list)).toEqual([file]);
    const tests = filesIn('tests').filter((name) => name.endsWith('.test.ts') && !name.includes('/house/'));
    expect(tests.filter((name) => read(name).includes(id)).length).toBeGreaterThan(0);
  });

  test('CONTRIBUTING names it', () => {
    expect(contributing).toContain(`\`${basename(file)}\``);
  });
});

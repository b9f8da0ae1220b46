// Files begin with what they do, and files and functions are short enough to be read at once.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mostLinesOfFile = 400;
const mostLinesOfFunction = 60;

/** Functions that may be longer, with the reason. */
const longer: Readonly<Record<string, string>> = {
  'src/kernel/portable/products.ts tile':
    'the sixteen sums of the innermost loop are written out, so that they stay in registers',
};

const sources = ['src', 'explorer/src', 'bench', 'kernel', 'python', 'tests'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => /\.(ts|tsx|mjs|cjs)$/.test(name) && !/(^|\/)(build|node_modules|fixtures|dist)\//.test(name),
    )
    .map((name) => `${folder}/${name}`),
);

const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const linesOf = (text: string) => text.split('\n').length - 1;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** Every function of a source with the lines that it takes. One without a name is named by what it is the value of. */
function functionsIn(file: string, text: string): { readonly name: string; readonly lines: number }[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found: { name: string; lines: number }[] = [];
  const walk = (value: unknown, holder: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, holder);
    if (typeof (value as Node | null)?.type !== 'string') return;
    const node = value as Node;
    const own = nameOf(node['id']) ?? nameOf(node['key']) ?? holder;
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) {
      found.push({ name: own, lines: linesOf(text.slice(node.start, node.end)) + 1 });
    }
    for (const child of Object.values(node)) walk(child, own);
  };
  walk(program, 'a function');
  return found;
}

function nameOf(node: unknown): string | undefined {
  const name = (node as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/** Figures are lists of marks; a test's describe is a list of cases. */
const isMeasured = (file: string) => !/^src\/report\/figures\/|^tests\//.test(file);

function longOf(file: string, text: string): { readonly name: string; readonly lines: number }[] {
  return functionsIn(file, text)
    .filter(({ lines }) => lines > mostLinesOfFunction)
    .map(({ name, lines }) => ({ name: `${file} ${name}`, lines }));
}

it('files begin with a comment that says what they do', () => {
  const silent = sources.filter((file) => !/^(#!.*\n)?\/\/ \S/.test(textOf(file)));
  expect(silent).toEqual([]);
});

describe('lengths', () => {
  it('are those of functions of every kind', () => {
    const body = '\n'.repeat(60);
    const kinds: readonly [string, string][] = [
      ['declared', `function declared() {${body}}`],
      ['arrow', `const arrow = () => {${body}};`],
      ['expression', `const expression = function () {${body}};`],
      ['method', `class A { method() {${body}} }`],
      ['get', `export const of = { get() {${body}} };`],
      ['a function', `call(() => {${body}});`],
    ];
    for (const [name, text] of kinds)
      expect(longOf('x.ts', text)).toEqual([{ name: `x.ts ${name}`, lines: 61 }]);
    expect(longOf('x.ts', `function short() {${'\n'.repeat(59)}}`)).toEqual([]);
  });

  it('of files are at most 400 lines', () => {
    expect(sources.length).toBeGreaterThan(800);
    const long = sources
      .map((file) => ({ file, lines: linesOf(textOf(file)) }))
      .filter(({ lines }) => lines > mostLinesOfFile);
    expect(long).toEqual([]);
  });

  it('of functions are at most 60 lines, but where there is a reason', () => {
    const long = sources.filter(isMeasured).flatMap((file) => longOf(file, textOf(file)));
    expect(long.filter(({ name }) => longer[name] === undefined)).toEqual([]);
  });
});

// Imports point one way: a folder may only import from folders below it, and no files import each other in a circle.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** From the bottom up; folders on one level do not import each other. */
const levels = [
  ['errors.ts', 'version.ts', 'keep.ts', 'side-by-side.ts', 'defined.ts'],
  ['tensor'],
  ['kernel', 'formats', 'stats'],
  ['sae', 'activations'],
  ['training', 'metrics'],
  ['evidence'],
  ['diagnosis'],
  ['results'],
  ['features'],
  ['report'],
  ['compare'],
  ['study'],
  ['index.ts', 'server'],
  ['cli'],
];

function levelOf(file: string): number {
  const [top] = file.split('/');
  const level = levels.findIndex((names) => names.includes(top));
  if (level < 0) throw new Error(`${file} is in no level`);
  return level;
}

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const paths = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) => m[1]);
  return paths.map((path) => ({
    from: file,
    to: relative(src, normalize(join(src, dirname(file), path))).replace(/\.js$/, '.ts'),
  }));
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
const imports = files.flatMap(importsOf);

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('point downwards, or stay in their folder', () => {
    const wrong = imports.filter(({ from, to }) => {
      const same = from.split('/')[0] === to.split('/')[0];
      return !same && levelOf(to) >= levelOf(from);
    });
    expect(wrong).toEqual([]);
  });

  it('sees an import that points upwards', () => {
    expect(levelOf('study/run.ts')).toBeGreaterThan(levelOf('report/render.ts'));
    expect(levelOf('kernel/interface.ts')).toBeGreaterThan(levelOf('tensor/matrix.ts'));
  });

  it('go in no circle', () => {
    // What imports nothing that is left can be taken away; what stays when nothing more can is in a circle, or leads to one.
    let left = imports;
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      const importing = new Set(left.map(({ from }) => from));
      left = left.filter(({ to }) => importing.has(to));
    }
    expect(left).toEqual([]);
  });
});

describe('files in src', () => {
  it('have names in kebab-case that say something', () => {
    const names = files.map((f) => f.split('/').at(-1) as string);
    expect(names.filter((n) => !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(n))).toEqual([]);
    expect(names.filter((n) => /^(utils?|helpers?|manager|types)\.ts$/.test(n))).toEqual([]);
  });
});

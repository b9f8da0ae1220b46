// Results are kept between runs by explicit versions: a change behind a version has to raise it, or be looked at.
//
// versions.json has the content of the files behind each version. Where a change gives other numbers, raise the version;
// where it cannot, leave it; then `npm run versions` records what stands now.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { contentOf, versioned } from './versioned.js';

const file = fileURLToPath(new URL('./versions.json', import.meta.url));
const now = Object.fromEntries(
  versioned().map(({ name, version, files }) => [name, { version, content: contentOf(files) }]),
);

if (process.env['RECORD_VERSIONS']) writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);

const recorded = JSON.parse(readFileSync(file, 'utf8')) as typeof now;

describe('versions of what is kept', () => {
  it('cover everything that is computed, with files behind each', () => {
    expect(Object.keys(now).length).toBeGreaterThan(40);
    for (const { name, files } of versioned()) expect(files.length, name).toBeGreaterThan(0);
    expect(Object.keys(recorded).sort()).toEqual(Object.keys(now).sort());
  });

  it('are raised when what is behind them changes (else look, and run `npm run versions`)', () => {
    const unseen = Object.keys(now).filter(
      (name) => recorded[name] && recorded[name].content !== now[name].content,
    );
    expect(unseen).toEqual([]);
    const lower = Object.keys(now).filter((name) => now[name].version < (recorded[name]?.version ?? 0));
    expect(lower).toEqual([]);
  });
});

// The schema of results.json, and that writing it is stable, strict and reversible.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serializeResults } from '../../src/report/serialize-results.js';
import { parseResults, readResults } from '../../src/results/read-results.js';
import { type Results, resultsSchema } from '../../src/results/results.js';
import { resultsJsonSchema } from '../../src/results/results-file.js';
import { fixtureResults, weightsOnly } from '../report/fixture.js';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into places that types would not allow
type Loose = any;

const results = fixtureResults();

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown, turn: number): unknown {
  if (Array.isArray(value)) return value.map((v) => shuffled(v, turn));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const at = entries.length > 0 ? turn % entries.length : 0;
  return Object.fromEntries(
    [...entries.slice(at), ...entries.slice(0, at)].map(([k, v]) => [k, shuffled(v, turn)]),
  );
}

test('a study and a bare comparison are valid results', () => {
  expect(resultsSchema.safeParse(results).error).toBeUndefined();
  expect(resultsSchema.safeParse(weightsOnly()).error).toBeUndefined();
});

test('the text does not depend on the order of keys, and reads back', () => {
  const text = serializeResults(results);
  expect(text.endsWith('}\n')).toBe(true);
  expect(text.startsWith('{\n  "schema": "reseed/results/1",\n  "createdAt"')).toBe(true);
  fc.assert(
    fc.property(fc.nat(20), (turn) => serializeResults(shuffled(results, turn) as Results) === text),
    { numRuns: 8 },
  );
  expect(serializeResults(parseResults(JSON.parse(text)))).toBe(text);
  expect(text).not.toContain('null,\n');
});

test.each([
  Number.NaN,
  Number.POSITIVE_INFINITY,
])('%s is refused wherever it is, and the place is named', (bad) => {
  const at = (change: (copy: Loose) => void) => {
    const copy = structuredClone(results);
    change(copy);
    return () => serializeResults(copy);
  };
  expect(at((r) => (r.groups[1].metrics['decoder.max'].mean = bad))).toThrow(
    /groups\.1\.metrics\.decoder\.max\.mean/,
  );
  expect(at((r) => (r.study.config.rate = bad))).toThrow(/study\.config\.rate/);
  expect(resultsSchema.safeParse({ ...results, reseed: { ...results.reseed, threads: bad } }).success).toBe(
    false,
  );
});

test('the value holds no sentences, and the file has them where they were', () => {
  const file: Loose = JSON.parse(serializeResults(results));
  const [group] = file.groups;
  for (const told of [
    group.verdict,
    group.findings[0].summary,
    group.cause[0].text,
    file.claims[0].because,
  ]) {
    expect(told).toMatch(/ .*\.$/);
  }
  const value: Loose = parseResults(file);
  expect(Object.keys(value.groups[0])).not.toContain('verdict');
  const sentences = (all: unknown): string[] =>
    typeof all === 'string'
      ? [all].filter((text) => /[a-z] [a-z].*\.( |$)/.test(text))
      : Object.values((all ?? {}) as object).flatMap(sentences);
  const { claims: _, ...rest } = value;
  expect(sentences(rest)).toEqual([results.study?.description]);
});

test('a wrong or missing field is named', () => {
  const { createdAt: _, ...without } = results;
  expect(() => parseResults(without, 'results.json')).toThrow(/results\.json, createdAt/);
  const group = { ...results.groups[0], findings: [{ ...results.groups[0].findings[0], id: 'made.up' }] };
  expect(() => parseResults({ ...results, groups: [group] })).toThrow(/groups\.0\.findings\.0\.id/);
});

test.each([
  [
    'of a later version',
    { schema: 'reseed/results/2' },
    /schema: results of another version; found "reseed\/results\/2"/,
  ],
  ['of another tool', { schema: 'other/1' }, /schema: not results of reseed; found "other\/1"/],
  ['that says no version', {}, /schema: not results of reseed; found none; expected reseed\/results\/1/],
  ['that is no object', null, /schema: not results of reseed/],
])('a file %s is refused as such', (_, value, message) => {
  expect(() => parseResults(value, 'results.json')).toThrow(message);
});

test('a file is read whole, with what later releases may add to it, or refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
  const file = join(folder, 'results.json');
  const text = serializeResults(results);
  await writeFile(file, JSON.stringify({ ...JSON.parse(text), added: 1 }));
  expect(serializeResults(await readResults(file))).toBe(text);
  await writeFile(file, text.slice(0, 100));
  await expect(readResults(file)).rejects.toThrow(/results\.json: not JSON/);
  await expect(readResults(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'input.file' });
});

test('the JSON Schema asks for what the contract promises', () => {
  const schema = resultsJsonSchema() as { required: string[]; properties: Record<string, Loose> };
  expect(schema.required).toEqual(['schema', 'createdAt', 'reseed', 'saes', 'groups']);
  expect(schema.properties.schema.const).toBe('reseed/results/1');
  const sae = schema.properties.saes.items;
  expect(sae.required).toContain('numerics');
  expect(sae.required).not.toContain('fit');
});

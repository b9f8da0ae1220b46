// The schema of results.json, and that writing it is stable, strict and reversible.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resultsJsonSchema } from '../../src/report/json-schema.js';
import { parseResults, type Results, resultsSchema, serializeResults } from '../../src/report/results.js';
import { fixtureResults, weightsOnly } from './fixture.js';

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

test('a wrong or missing field is named', () => {
  const { createdAt: _, ...without } = results;
  expect(() => parseResults(without, 'results.json')).toThrow(/results\.json, createdAt/);
  expect(() => parseResults({ ...results, schema: 'other/1' })).toThrow(/schema/);
  const group = { ...results.groups[0], findings: [{ ...results.groups[0].findings[0], id: 'made.up' }] };
  expect(() => parseResults({ ...results, groups: [group] })).toThrow(/groups\.0\.findings\.0\.id/);
});

test('the JSON Schema asks for what the contract promises', () => {
  const schema = resultsJsonSchema() as { required: string[]; properties: Record<string, Loose> };
  expect(schema.required).toEqual(['schema', 'createdAt', 'reseed', 'saes', 'groups']);
  expect(schema.properties.schema.const).toBe('reseed/results/1');
  const sae = schema.properties.saes.items;
  expect(sae.required).toContain('numerics');
  expect(sae.required).not.toContain('fit');
});

// The JSON Schemas that are shipped, of study files and of results, are those of the code.
//
// `npm run schemas` writes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serializeResults } from '../../src/report/serialize-results.js';
import { resultsJsonSchema } from '../../src/results/results-file.js';
import { studyJsonSchema } from '../../src/study/config/json-schema.js';
import { fixtureResults, weightsOnly } from '../report/fixture.js';
import { pack } from './packed.js';

const schemas = {
  'examples/study.schema.json': studyJsonSchema,
  'assets/results.schema.json': resultsJsonSchema,
};

const pathOf = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

describe.each(Object.entries(schemas))('%s', (file, schema) => {
  const now = `${JSON.stringify(schema(), null, 2)}\n`;
  if (process.env['RECORD_SCHEMAS']) writeFileSync(pathOf(file), now);

  it('is the present one (else run `npm run schemas`)', () => {
    expect(readFileSync(pathOf(file), 'utf8')).toBe(now);
  });

  it('is packed', () => {
    expect(pack('--dry-run').files).toContain(file);
  });
});

describe('the schema of results', () => {
  const text = readFileSync(pathOf('assets/results.schema.json'), 'utf8');
  const schema = z.fromJSONSchema(JSON.parse(text));

  it.each([
    ['a study', fixtureResults()],
    ['a comparison of weights', weightsOnly()],
  ])('takes what is written of %s', (_, results) => {
    expect(schema.safeParse(JSON.parse(serializeResults(results))).error).toBeUndefined();
  });

  it('refuses a file without a verdict, or of another version', () => {
    const file = JSON.parse(serializeResults(weightsOnly()));
    expect(schema.safeParse({ ...file, schema: 'reseed/results/2' }).success).toBe(false);
    const { verdict: _, ...group } = file.groups[0];
    expect(schema.safeParse({ ...file, groups: [group] }).success).toBe(false);
  });
});

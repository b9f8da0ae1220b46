// The JSON Schema of results.json, for people who read it from another language.
import { z } from 'zod';
import { resultsSchema, resultsVersion } from './results.js';

/** JSON Schema (draft 2020-12) of a results file. */
export function resultsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(resultsSchema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: `${resultsVersion}: what reseed measured`, ...schema };
}

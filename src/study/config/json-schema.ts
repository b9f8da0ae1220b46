// The JSON Schema of study files, for editors that complete and check them while they are written.
import { z } from 'zod';
import { studySchema } from './study.js';

/** JSON Schema (draft 2020-12); what depends on several keys at once only the run itself can check. */
export function studyJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(studySchema, { target: 'draft-2020-12', io: 'input' });
  return { $schema, title: 'a study of reseed', ...schema };
}

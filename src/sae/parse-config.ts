// Checks the JSON that stands beside weights against what its tool writes there.
import type { z } from 'zod';
import { ReseedError } from '../errors.js';
import type { JsonObject } from './checkpoint.js';

/**
 * @param file the configuration, for messages
 * @throws input.format naming the first field that is wrong and what stands there
 */
export function parseConfig<T>(schema: z.ZodType<T>, json: JsonObject, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const value = path.reduce<unknown>((of, key) => (of as JsonObject | undefined)?.[key as string], json);
  throw new ReseedError('input.format', message, {
    file,
    field: path.join('.'),
    found: value === undefined ? 'nothing' : JSON.stringify(value),
  });
}

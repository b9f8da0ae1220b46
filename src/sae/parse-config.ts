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
    found: textOf(value),
  });
}

/** Long and nested values by what they are: a file may hold any. */
function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  // A pickle has whole numbers that JSON has not.
  const text = typeof value === 'bigint' ? `${value}` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

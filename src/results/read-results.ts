// Reads results.json of this version, whichever release wrote it; what it holds besides is dropped.
import { ReseedError } from '../errors.js';
import { readJson } from '../formats/read-json.js';
import { type Results, resultsSchema, resultsVersion } from './results.js';

/** @throws input.file; input.format, input.non-finite as `parseResults` */
export async function readResults(file: string): Promise<Results> {
  return parseResults(await readJson(file), file);
}

/**
 * Reads results from parsed JSON; keys that this release does not know, and sentences, are dropped.
 * @throws input.format for another version or with the path of the first wrong field; input.non-finite
 */
export function parseResults(value: unknown, file?: string): Results {
  const at = file === undefined ? {} : { file };
  requireVersion(value, at);
  refuseNonFinite(value, '', at);
  const parsed = resultsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { message, path } = parsed.error.issues[0];
  throw new ReseedError('input.format', `not a results value: ${message}`, {
    ...at,
    field: path.join('.') || 'the whole value',
  });
}

function requireVersion(value: unknown, at: { file?: string }): void {
  const found = (value as { readonly schema?: unknown } | null | undefined)?.schema;
  if (found === resultsVersion) return;
  const of = typeof found === 'string' ? /^reseed\/results\/(\d+)$/.exec(found) : null;
  throw new ReseedError('input.format', of ? 'results of another version' : 'not results of reseed', {
    ...at,
    field: 'schema',
    found: found === undefined ? 'none' : JSON.stringify(found),
    expected: of
      ? `${resultsVersion}; a release of reseed that knows version ${of[1]} reads it`
      : resultsVersion,
  });
}

/** JSON has no such numbers, but values that a program made may. */
function refuseNonFinite(value: unknown, path: string, at: { file?: string }): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ReseedError('input.non-finite', 'results must be finite numbers', {
      ...at,
      field: path,
      found: String(value),
    });
  }
  if (value !== null && typeof value === 'object') {
    for (const [key, v] of Object.entries(value)) refuseNonFinite(v, path ? `${path}.${key}` : key, at);
  }
}

// collections.json: what somebody starred, with notes. The only file that the page may write.

import { z } from 'zod';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { writeFileAtomic } from '../formats/atomic-write.js';
import { readJson } from '../formats/read-json.js';
import type { Collections } from './protocol.js';

export const collectionsVersion = 'reseed/collections/1';

/** Bytes that a page may write. */
export const mostCollectionBytes = 4 * 2 ** 20;

const name = z.string().min(1).max(200);
const index = z.int().nonnegative();
const starredSchema = z.strictObject({
  sae: name,
  feature: index,
  partner: z.strictObject({ sae: name, feature: index }).exactOptional(),
  note: z.string().max(20_000),
  at: z.iso.datetime(),
});
const collectionsSchema = z.strictObject({
  schema: z.literal(collectionsVersion),
  collections: z
    .array(z.strictObject({ name, entries: z.array(starredSchema).max(10_000).readonly() }))
    .max(200)
    .readonly(),
});

export const noCollections: Collections = { schema: collectionsVersion, collections: [] };

/** @throws input.format with the path of the first wrong field */
export function parseCollections(value: unknown, file?: string): Collections {
  const parsed = collectionsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ message, path }] = parsed.error.issues;
  throw new ReseedError('input.format', `not collections of features: ${message}`, {
    ...defined({ file }),
    field: path.join('.') || 'the whole value',
  });
}

/** @throws input.file, input.format */
export async function readCollections(file: string): Promise<Collections> {
  return parseCollections(await readJson(file), file);
}

/** @throws input.file */
export function writeCollections(file: string, collections: Collections): Promise<void> {
  return writeFileAtomic(file, `${JSON.stringify(collections, null, 2)}\n`);
}

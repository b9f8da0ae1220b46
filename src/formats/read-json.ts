// A file of JSON, whole.
import { readFile } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';

/** @throws input.file; input.format where it is not JSON */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReseedError('input.format', `not JSON: ${(cause as Error).message}`, { file });
  }
}

// The text of a small file of settings, JSON or YAML, as an object of plain values.
import { parse } from 'yaml';
import { ReseedError } from '../errors.js';
import { jsonMarks } from '../formats/json-marks.js';
import { mostDepth } from '../formats/limits.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A file of settings of more bytes than this is none. */
const longest = 16 * 2 ** 20;
/** YAML takes long to parse and may repeat what it names: those that tools write have a few hundred bytes. */
const longestYaml = 2 ** 16;

/**
 * The object in a file whose name ends in .json or, for YAML, in anything else.
 * @param bytes of the file @param read gives its text, when it is not too long
 * @throws input.format where it holds no object, or one nested too deeply
 */
export async function settingsOf(
  file: string,
  bytes: number,
  read: () => Promise<string>,
): Promise<JsonObject> {
  const yaml = !file.endsWith('.json');
  const fail = (problem: string, details: { found?: string; expected?: string; cause?: unknown }) =>
    new ReseedError('input.format', problem, {
      file,
      expected: `a ${yaml ? 'YAML map' : 'JSON object'}`,
      ...details,
    });
  if (bytes > (yaml ? longestYaml : longest)) {
    throw fail('it is too long for a configuration', {
      found: `${bytes} bytes`,
      expected: `a ${yaml ? 'YAML map' : 'JSON object'} of at most ${yaml ? longestYaml : longest} bytes`,
    });
  }
  const text = await read();
  const tooDeep = () => fail('it is nested too deeply', { expected: `at most ${mostDepth} levels` });
  if (!yaml && isTooDeep(text)) throw tooDeep();
  let value: unknown;
  try {
    value = yaml ? parse(text, { maxAliasCount: 100, logLevel: 'error' }) : JSON.parse(text);
  } catch (cause) {
    const found = JSON.stringify(text.slice(0, 40));
    throw fail(`it is not ${yaml ? 'YAML' : 'JSON'}`, { found, cause });
  }
  if (yaml && isDeep(value, mostDepth)) throw tooDeep();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail(`it is not a ${yaml ? 'YAML map' : 'JSON object'}`, { found: text.slice(0, 40) });
  }
  return value as JsonObject;
}

/** Whoever writes a value into a message goes through all its levels. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const { kind } of jsonMarks(text)) {
    if (kind === '{' || kind === '[') depth++;
    if (kind === '}' || kind === ']') depth--;
    if (depth > mostDepth) return true;
  }
  return false;
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

// The header of a safetensors file: which tensors it holds, of which type and shape, and at which bytes.
// Layout: u64 little-endian length, JSON of that length, then the data. Source: the format's own description,
// https://huggingface.co/docs/safetensors (tensors cover the data without a hole or an overlap).
import { ReseedError } from '../errors.js';
import { jsonMarks } from './json-marks.js';
import { mostDimensions, mostHeaderMarks, mostNameLength } from './limits.js';
import { type Dtype, dtypeBytes, type TensorEntry, valueCount } from './tensor.js';

/** Where one tensor lies: bytes `begin … end` of the data section. */
export interface HeaderEntry extends TensorEntry {
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Parses and checks the JSON of a header.
 * @param dataBytes length of the data section, in bytes
 * @param file names the file in messages
 * @throws input.format when anything in it is not as the format says, or the data is longer or shorter than stated
 */
export function parseHeader(json: Uint8Array, dataBytes: number, file: string): SafetensorsHeader {
  const text = decodeUtf8(json, file);
  checkMarks(text, file);
  const header = parseObject(text, file);
  const repeated = duplicateKey(text);
  if (repeated !== undefined) {
    throw new ReseedError('input.format', 'a key stands twice in the header', { file, field: repeated });
  }
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') entries.push(parseEntry(name, value, dataBytes, file));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, dataBytes, file);
  return { entries, metadata: parseMetadata(header['__metadata__'], file) };
}

function decodeUtf8(json: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch (cause) {
    throw new ReseedError('input.format', 'the header is not UTF-8', { file, cause });
  }
}

function parseObject(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = JSON.stringify(text.slice(0, 40));
    throw new ReseedError('input.format', 'the header is not JSON', { file, found, expected: 'JSON', cause });
  }
  if (!isObject(value)) {
    throw new ReseedError('input.format', 'the header is not a JSON object', { file, found: brief(value) });
  }
  return value;
}

function parseEntry(name: string, value: unknown, dataBytes: number, file: string): HeaderEntry {
  const fail = (problem: string, found: unknown, expected: string) =>
    new ReseedError('input.format', problem, {
      file,
      field: `tensor ${brief(name)}`,
      found: brief(found),
      expected,
    });
  if (name.length > mostNameLength) {
    throw fail('its name is too long', `${name.length} characters`, `at most ${mostNameLength}`);
  }
  if (!isObject(value)) throw fail('its entry is not an object', value, '{dtype, shape, data_offsets}');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) {
    throw fail('its element type cannot be read', dtype, `one of ${Object.keys(dtypeBytes).join(', ')}`);
  }
  if (!isCounts(shape) || shape.length > mostDimensions) {
    throw fail('its shape is wrong', shape, `at most ${mostDimensions} whole numbers, none negative`);
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fail('its data_offsets are wrong', offsets, '[begin, end] with 0 ≤ begin ≤ end');
  }
  const [begin, end] = offsets;
  const bytes = valueCount(shape) * dtypeBytes[dtype as Dtype];
  if (end - begin !== bytes) {
    const expected = `${bytes} bytes for ${dtype} [${shape.join(' × ')}]`;
    throw fail('its number of bytes does not fit its shape', `${end - begin} bytes`, expected);
  }
  if (end > dataBytes) {
    throw fail('the file ends before its data', `${dataBytes} bytes of data`, `at least ${end}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCover(entries: readonly HeaderEntry[], dataBytes: number, file: string): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const problem = begin < at ? 'it overlaps the tensor before it' : 'there is a hole before it';
      const found = `begin ${begin}`;
      throw new ReseedError('input.format', problem, {
        file,
        field: `tensor ${name}`,
        found,
        expected: `begin ${at}`,
      });
    }
    at = end;
  }
  if (at !== dataBytes) {
    throw new ReseedError('input.format', 'there are bytes after the last tensor', {
      file,
      found: `${dataBytes} bytes of data`,
      expected: `${at}`,
    });
  }
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || !Object.values(value).every((v) => typeof v === 'string')) {
    const expected = 'an object of strings';
    throw new ReseedError('input.format', 'wrong metadata', {
      file,
      field: '__metadata__',
      found: brief(value),
      expected,
    });
  }
  return value as Record<string, string>;
}

/** Brackets within brackets: the header, an entry, its shape. */
const mostDepth = 3;

/** Refuses what would take long or much memory to parse and cannot be a header anyway. */
function checkMarks(text: string, file: string): void {
  const fail = (problem: string, at: number, expected: string) =>
    new ReseedError('input.format', problem, { file, field: `header, offset ${at}`, expected });
  let count = 0;
  let depth = 0;
  for (const { kind, at } of jsonMarks(text)) {
    if (kind === '{' || kind === '[') depth++;
    if (kind === '}' || kind === ']') depth--;
    if (depth > mostDepth) throw fail('it is nested too deeply', at, `at most ${mostDepth} levels`);
    if (++count > mostHeaderMarks) {
      throw fail(
        'it has too many parts',
        at,
        `at most ${mostHeaderMarks} brackets, commas, colons and strings`,
      );
    }
  }
}

/** The first key that stands twice in one object of a valid JSON text; JSON.parse would keep the last silently. */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let string = '';
  for (const { kind, at, end } of jsonMarks(text)) {
    if (kind === '{' || kind === '[') open.push(new Set());
    else if (kind === '}' || kind === ']') open.pop();
    else if (kind === 'string') string = text.slice(at, end);
    else if (kind === ':') {
      const key = JSON.parse(string) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

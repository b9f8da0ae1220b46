// The tokenizer of a model: its tokenizer.json, run by @huggingface/tokenizers; which token separates texts; and tokens as people
// read them.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import { optionalPackage, packageMissing } from './optional-package.js';

export interface Tokenizer {
  /** Without the tokens that a model wants around a text. */
  encode(text: string): readonly number[];
  /** Stands between texts, and first in each sequence; absent where there is none, or none is wanted. */
  readonly separator?: number;
  /** With the space that stands before it. Part of a character is �. */
  textOf(id: number): string;
}

interface TokenizerOptions {
  /** Text of the token; false for none. Default: what tokenizer_config.json calls bos, cls, eos or sep, the first there is. */
  readonly separator?: string | false;
}

interface PackageTokenizer {
  encode(text: string, options: object): { readonly ids: readonly number[] };
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

const separators = ['bos_token', 'cls_token', 'eos_token', 'sep_token'] as const;

/** @param file tokenizer.json; tokenizer_config.json is looked for beside it @throws usage.argument; input.file; input.format */
export async function loadTokenizer(
  file: string,
  { separator: wanted }: TokenizerOptions = {},
): Promise<Tokenizer> {
  const found = await optionalPackage('@huggingface/tokenizers');
  if (!found) throw packageMissing('@huggingface/tokenizers', 'harvest');
  const json = await readJson(file);
  const config = (await readJson(join(dirname(file), 'tokenizer_config.json'), true)) ?? {};
  const tokenizer = make(found['Tokenizer'] as Constructor, json, config, file);
  const named = separators.flatMap((name) => contentOf(config[name]) ?? []);
  const separator = wanted === false ? undefined : separatorOf(tokenizer, wanted, named, file);
  const readable = readableTokens(json);
  const texts = new Map<number, string>();
  return {
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    ...defined({ separator }),
    textOf(id) {
      const text = texts.get(id) ?? readable(tokenizer.id_to_token(id) ?? '�');
      texts.set(id, text);
      return text;
    },
  };
}

type Json = Readonly<Record<string, unknown>>;
type Constructor = new (json: object, config: object) => PackageTokenizer;

function make(
  Constructor: Constructor,
  json: Json | undefined,
  config: Json,
  file: string,
): PackageTokenizer {
  try {
    return new Constructor(json ?? {}, config);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new ReseedError('input.format', 'it is not a tokenizer that can be read', { file, found, cause });
  }
}

async function readJson(file: string, mayBeAbsent = false): Promise<Json | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (mayBeAbsent && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError(file, 'read', cause);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const found = (cause as Error).message;
    throw new ReseedError('input.format', 'it is not JSON', { file, found, cause });
  }
}

/** A special token is its text, or an object that has it. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
}

function separatorOf(
  tokenizer: PackageTokenizer,
  wanted: string | undefined,
  named: readonly string[],
  file: string,
): number {
  const [text] = wanted === undefined ? named : [wanted];
  const id = text === undefined ? undefined : tokenizer.token_to_id(text);
  if (id !== undefined) return id;
  throw new ReseedError('input.format', 'it has no token that separates texts', {
    file,
    field: wanted === undefined ? 'bos_token, cls_token, eos_token, sep_token' : '--separator',
    found: text === undefined ? 'nothing in tokenizer_config.json' : JSON.stringify(text),
    expected: '--separator TOKEN with one of its tokens, or --no-separator',
  });
}

/** Makes text of the tokens of a vocabulary: of bytes, of words with ▁ before them, or of parts of words with ## before them. */
function readableTokens(json: Json | undefined): (token: string) => string {
  const added = (json?.['added_tokens'] ?? []) as readonly { readonly content?: unknown }[];
  const special = new Set(added.map(({ content }) => content));
  const readable = readableParts(json);
  return (token) => (special.has(token) ? token : readable(token));
}

function readableParts(json: Json | undefined): (token: string) => string {
  const text = JSON.stringify([json?.['decoder'] ?? null, json?.['pre_tokenizer'] ?? null]);
  if (text.includes('"ByteLevel"')) return textOfBytes;
  const model = (json?.['model'] ?? {}) as { type?: unknown; continuing_subword_prefix?: unknown };
  if (model.type === 'WordPiece') {
    const part = String(model.continuing_subword_prefix ?? '##');
    return (token) => (token.startsWith(part) ? token.slice(part.length) : ` ${token}`);
  }
  return (token) => {
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
    return byte ? decoded([Number.parseInt(byte[1], 16)]) : token.replaceAll('▁', ' ');
  };
}

/** Bytes that GPT-2's byte-level vocabulary writes as themselves; the others are the characters from U+0100 on, in their order. */
const printable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

const byteOf = new Map<number, number>();
for (let byte = 0, next = 256; byte < 256; byte++) byteOf.set(printable(byte) ? byte : next++, byte);

function textOfBytes(token: string): string {
  const bytes = [...token].map((character) => byteOf.get(character.codePointAt(0) as number));
  // A token that was added to the vocabulary stands there as it is.
  return bytes.some((byte) => byte === undefined) ? token : decoded(bytes as number[]);
}

function decoded(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

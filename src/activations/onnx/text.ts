// Texts that a model is to read: a .txt file is one text, each line of .jsonl and each row of .parquet one of its own.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import { readParquet } from '../../formats/read-parquet.js';

/** A text, or a part of one that goes on from the part before. */
export interface TextPart {
  readonly document: number;
  readonly text: string;
  /** Share of the file that has been read, in [0, 1]. */
  readonly share: number;
}

export const defaultColumn = 'text';

/**
 * The texts of a file, one after the other.
 * @param column key of .jsonl, column of .parquet
 * @throws input.file; input.format where it is no such file, or has no such column
 */
export async function* textsIn(file: string, column = defaultColumn): AsyncGenerator<TextPart> {
  const found = await stat(file).catch((cause) => {
    throw fileError(file, 'read', cause);
  });
  if (found.isDirectory()) throw fileError(file, 'read', { code: 'EISDIR' });
  const [ending] = /\.\w+$/.exec(file.toLowerCase()) ?? [''];
  if (ending === '.txt') yield* partsOfText(file, found.size);
  else if (ending === '.jsonl') yield* textsOfLines(file, column, found.size);
  else if (ending === '.parquet') yield* textsOfColumn(file, column);
  else {
    throw new ReseedError('input.format', 'it is not a kind of text that can be read', {
      file,
      found: ending || 'no ending',
      expected: '.txt, .jsonl or .parquet',
    });
  }
}

/** Characters of a part of a long text. */
const partLength = 2 ** 16;

/** Parts end where a line does that is followed by another at once, so that tokens are those of the whole. */
async function* partsOfText(file: string, size: number): AsyncGenerator<TextPart> {
  let left = '';
  let read = 0;
  for await (const chunk of chunksOf(file)) {
    read += Buffer.byteLength(chunk);
    left += chunk;
    for (let at = breakIn(left); at !== undefined; at = breakIn(left)) {
      yield { document: 0, text: left.slice(0, at), share: Math.min(1, read / Math.max(1, size)) };
      left = left.slice(at);
    }
  }
  if (left !== '') yield { document: 0, text: left, share: 1 };
}

function breakIn(text: string): number | undefined {
  if (text.length <= partLength) return undefined;
  const found = /\S\n(?=\S)/g;
  found.lastIndex = partLength;
  const at = found.exec(text)?.index;
  return at === undefined ? undefined : at + 1;
}

async function* chunksOf(file: string): AsyncGenerator<string> {
  try {
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 2 ** 16 }))
      yield chunk as string;
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
}

async function* textsOfLines(file: string, column: string, size: number): AsyncGenerator<TextPart> {
  let [line, document, read] = [0, 0, 0];
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++;
    read += Buffer.byteLength(text) + 1;
    if (text.trim() === '') continue;
    yield {
      document: document++,
      text: textOfLine(text, { file, column, line }),
      share: Math.min(1, read / size),
    };
  }
}

function textOfLine(
  text: string,
  { file, column, line }: { readonly file: string; readonly column: string; readonly line: number },
): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = JSON.stringify(text.slice(0, 40));
    throw new ReseedError('input.format', 'a line is not JSON', {
      file,
      field: `line ${line}`,
      found,
      cause,
    });
  }
  const own =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[column] : value;
  if (typeof own === 'string') return own;
  throw new ReseedError('input.format', 'a line has no text', {
    file,
    field: `line ${line}`,
    found: JSON.stringify(value)?.slice(0, 80) ?? 'nothing',
    expected: `{"${column}": "…"}, or --column NAME`,
  });
}

async function* textsOfColumn(file: string, column: string): AsyncGenerator<TextPart> {
  let document = 0;
  for await (const { columns, share } of readParquet(file, [column])) {
    for (const text of Array.from(columns[0])) {
      if (typeof text === 'string') {
        yield { document: document++, text, share };
        continue;
      }
      throw new ReseedError('input.format', 'it is not a text', {
        file,
        field: `column ${column}, row ${document}`,
        found: String(text),
        expected: 'a column of texts; --column NAME',
      });
    }
  }
}

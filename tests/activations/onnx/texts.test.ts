// Texts from files of each kind, the sequences that are made of them, and tokens as people read them.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextsOf } from '../../../src/activations/onnx/contexts.js';
import { textsIn } from '../../../src/activations/onnx/text.js';
import { loadTokenizer } from '../../../src/activations/onnx/tokenizer.js';
import { writeFileAtomic } from '../../../src/formats/atomic-write.js';
import { encodeParquet } from '../../../src/formats/parquet.js';
import { installed } from './installed.js';

const before = process.cwd();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-texts-'));
});
afterAll(() => process.chdir(before));

async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const one of from) out.push(one);
  return out;
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

const textsOf = async (path: string, column?: string) =>
  (await all(textsIn(path, column))).map(({ document, text }) => [document, text]);
const refusal = (path: string, column?: string) =>
  textsOf(path, column).catch((error: Error) => error.message);

describe('texts', () => {
  it('are one of a .txt file, each line of .jsonl, each row of .parquet', async () => {
    expect(await textsOf(await file('a.txt', 'one\n\ntwo é'))).toEqual([[0, 'one\n\ntwo é']]);
    const lines = '{"text": "one", "n": 1}\n\n"two"\r\n{"n": 2, "text": ""}\n';
    expect(await textsOf(await file('a.jsonl', lines))).toEqual([
      [0, 'one'],
      [1, 'two'],
      [2, ''],
    ]);
    const path = join(folder, 'a.parquet');
    const column = { name: 'story', type: 'string' } as const;
    await writeFileAtomic(path, encodeParquet([column], [[['one', 'two']], [['three']]]));
    expect(await textsOf(path, 'story')).toEqual([
      [0, 'one'],
      [1, 'two'],
      [2, 'three'],
    ]);
    const shares = (await all(textsIn(path, 'story'))).map(({ share }) => share);
    expect(shares).toEqual([2 / 3, 2 / 3, 1]);
  });

  it('that are long come in parts, which end with a line and are together the whole', async () => {
    const text = Array.from({ length: 30_000 }, (_, i) => (i % 50 === 0 ? '' : `line ${i} ü`)).join('\n');
    const parts = await all(textsIn(await file('long.txt', text)));
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    for (const [i, part] of parts.entries()) {
      expect(part.document).toBe(0);
      if (i > 0) expect(part.text).toMatch(/^\n\S/);
      if (i < parts.length - 1) expect(part.text.length).toBeGreaterThanOrEqual(2 ** 16);
    }
    const shares = parts.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('of no known kind, or without what they should have, are refused', async () => {
    expect(await refusal(await file('a.csv', 'x'))).toMatch(
      /found \.csv; expected \.txt, \.jsonl or \.parquet/,
    );
    expect(await refusal(join(folder, 'none.txt'))).toMatch(/there is no such file/);
    expect(await refusal(folder)).toMatch(/it is a folder/);
    expect(await refusal(await file('b.jsonl', '{"text": "a"}\n{"body": "b"}\n'))).toMatch(
      /b\.jsonl, line 2: a line has no text; found \{"body":"b"\}; expected \{"text": "…"\}, or --column NAME/,
    );
    expect(await refusal(await file('c.jsonl', 'not json\n'))).toMatch(
      /line 1: a line is not JSON; found "not json"/,
    );
    const path = join(folder, 'n.parquet');
    await writeFileAtomic(path, encodeParquet([{ name: 'text', type: 'int32' }], [[[1]]]));
    expect(await refusal(path)).toMatch(/column text, row 0: it is not a text; found 1/);
    expect(await refusal(path, 'body')).toMatch(/column body: it is not in the file; found text/);
  });
});

describe('sequences', () => {
  // A token is the code of a character; 0 separates.
  const encode = (text: string) =>
    Array.from(text, (character) => (character === '|' ? 0 : character.charCodeAt(0)));
  const of = async (
    texts: string[],
    length: number,
    separator: number | undefined,
    keepSeparators = false,
  ) => {
    const parts = texts.map((text, document) => ({ text, document, share: (document + 1) / texts.length }));
    const stream = (async function* () {
      yield* parts;
    })();
    const tokenizer = { encode, textOf: String, ...(separator === undefined ? {} : { separator }) };
    return all(contextsOf(stream, tokenizer, { length, keepSeparators }));
  };
  const shown = (ids: Int32Array) =>
    Array.from(ids, (id) => (id === 0 ? '|' : String.fromCharCode(id))).join('');

  it('begin with the separator, which also stands between texts, by hand', async () => {
    const found = await of(['abcde', 'fg', 'hijk'], 4, 0);
    expect(found.map(({ ids }) => shown(ids))).toEqual(['|abc', '|de|', '|fg|', '|hij']);
    expect(found.map(({ documents }) => [...documents])).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 1],
      [1, 1, 1, 2],
      [2, 2, 2, 2],
    ]);
    expect(found.map(({ kept }) => kept)).toEqual([
      [1, 2, 3],
      [1, 2],
      [1, 2],
      [1, 2, 3],
    ]);
    const kept = await of(['abcde', 'fg'], 4, 0, true);
    expect(kept[1].kept).toEqual([0, 1, 2, 3]);
  });

  it('have no two separators at their beginning, and none where there is none', async () => {
    expect((await of(['|abc'], 3, 0)).map(({ ids }) => shown(ids))).toEqual(['|ab']);
    expect((await of(['abc', 'def'], 3, undefined)).map(({ ids }) => shown(ids))).toEqual(['abc', 'def']);
  });

  it('hold every token once and in order, but for what fills no sequence', async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 20 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 2, max: 9 }), async (given, length) => {
        const found = await of(given, length, 0);
        const kept = found.flatMap(({ ids, kept: positions }) => positions.map((p) => ids[p]));
        const every = given.flatMap(encode);
        expect(kept).toEqual(every.slice(0, kept.length));
        expect(every.length - kept.length).toBeLessThan(length);
        for (const { ids } of found) expect(ids[0]).toBe(0);
      }),
    );
  });
});

describe('tokens as people read them', () => {
  beforeAll(async () => {
    process.chdir(await installed('@huggingface/tokenizers'));
  });

  const read = async (name: string, json: object, tokens: readonly string[]) => {
    const vocab = Object.fromEntries(tokens.map((token, i) => [token, i]));
    const path = await file(
      name,
      JSON.stringify({ ...json, model: { vocab, ...('model' in json ? (json.model as object) : {}) } }),
    );
    const tokenizer = await loadTokenizer(path, { separator: false });
    return tokens.map((_, i) => tokenizer.textOf(i));
  };

  it('are bytes, words with ▁, or parts of words with ##', async () => {
    const bytes = { decoder: { type: 'ByteLevel' }, added_tokens: [{ id: 4, content: '<|é|>' }] };
    expect(await read('bytes.json', bytes, ['Ġthe', 'Ċ', 'Ã©', 'Ã', '<|é|>'])).toEqual([
      ' the',
      '\n',
      'é',
      '�',
      '<|é|>',
    ]);
    expect(
      await read('words.json', { decoder: { type: 'Metaspace' } }, ['▁the', 'cat', '<0x0A>', '<0xC3>']),
    ).toEqual([' the', 'cat', '\n', '�']);
    const parts = {
      model: { type: 'WordPiece', continuing_subword_prefix: '##' },
      added_tokens: [{ id: 2, content: '[CLS]' }],
    };
    expect(await read('parts.json', parts, ['cat', '##s', '[CLS]'])).toEqual([' cat', 's', '[CLS]']);
  });

  it('come of the first of bos, cls, eos and sep for a separator', async () => {
    const path = await file(
      'tokenizer.json',
      JSON.stringify({ model: { vocab: { a: 0, '<e>': 1, '<c>': 2 } } }),
    );
    const separator = async (config: object) => {
      await file('tokenizer_config.json', JSON.stringify(config));
      return (await loadTokenizer(path)).separator;
    };
    expect(await separator({ eos_token: '<e>', cls_token: { content: '<c>' }, bos_token: null })).toBe(2);
    expect(await separator({ eos_token: '<e>' })).toBe(1);
    await expect(separator({})).rejects.toThrow(/no token that separates texts; found nothing/);
    await expect(loadTokenizer(path, { separator: '<x>' })).rejects.toThrow(/--separator: .*found "<x>"/);
    await file('tokenizer_config.json', '{');
    await expect(loadTokenizer(path)).rejects.toThrow(/tokenizer_config\.json: it is not JSON/);
    await file('tokenizer_config.json', '{}');
    await expect(loadTokenizer(join(folder, 'nowhere.json'))).rejects.toThrow(/there is no such file/);
    await expect(loadTokenizer(await file('empty.json', '{}'))).rejects.toThrow(
      /it is not a tokenizer that can be read; found no model/,
    );
  });
});

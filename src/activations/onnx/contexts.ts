// Sequences of one length, which a model reads: the tokens of all texts one after the other, with a separator before each
// sequence and between texts.
import type { TextPart } from './text.js';
import type { Tokenizer } from './tokenizer.js';

export interface Context {
  /** [length] */
  readonly ids: Int32Array;
  /** [length] the text that each token is from; of a separator, the text behind it. */
  readonly documents: Int32Array;
  /** Positions whose rows are taken, ascending. */
  readonly kept: readonly number[];
  /** Share of the texts that has been read. */
  readonly share: number;
}

export interface ContextOptions {
  /** Tokens of a sequence, its separator among them. */
  readonly length: number;
  /** Whether the rows of separators are taken, too. */
  readonly keepSeparators?: boolean;
  /** Positions at the beginning of each sequence whose rows are not taken. */
  readonly dropFirst?: number;
}

/** What is left at the end and fills no sequence is dropped. */
export async function* contextsOf(
  texts: AsyncIterable<TextPart>,
  { encode, separator }: Tokenizer,
  { length, keepSeparators = false, dropFirst = 0 }: ContextOptions,
): AsyncGenerator<Context> {
  let ids = new Int32Array(length);
  let documents = new Int32Array(length);
  let filled = 0;
  let last: number | undefined;
  const put = (id: number, document: number): void => {
    ids[filled] = id;
    documents[filled++] = document;
  };
  for await (const { text, document, share } of texts) {
    if (last !== undefined && last !== document && separator !== undefined && filled > 1) {
      put(separator, document);
      if (filled === length) yield whole(share);
    }
    last = document;
    for (const id of encode(text)) {
      if (filled === 0 && separator !== undefined) {
        put(separator, document);
        // A separator of the text stands there already.
        if (id === separator) continue;
      }
      put(id, document);
      if (filled === length) yield whole(share);
    }
  }

  function whole(share: number): Context {
    const all = Array.from(ids.keys()).slice(dropFirst);
    const kept = keepSeparators ? all : all.filter((p) => ids[p] !== separator);
    const context = { ids, documents, kept, share };
    ids = new Int32Array(length);
    documents = new Int32Array(length);
    filled = 0;
    return context;
  }
}

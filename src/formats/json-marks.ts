// The marks of a JSON text one by one, without building what it describes: to judge a text before it is parsed.
// Source: RFC 8259. Numbers, true, false and null are passed over; whether the text is valid is for JSON.parse to say.

export interface JsonMark {
  readonly kind: '{' | '}' | '[' | ']' | ',' | ':' | 'string';
  /** Its first character, and the one after its last. */
  readonly at: number;
  readonly end: number;
}

const marks: ReadonlySet<string> = new Set('{}[],:');

/** In the order of the text. A string that does not end reaches to the end of the text. */
export function* jsonMarks(text: string): Generator<JsonMark> {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      const end = endOfString(text, at);
      yield { kind: 'string', at, end };
      at = end - 1;
    } else if (marks.has(text[at])) {
      yield { kind: text[at] as JsonMark['kind'], at, end: at + 1 };
    }
  }
}

function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '"') return end + 1;
  }
  return text.length;
}

// Python literals, as the header of a .npy file is one: strings, whole numbers, True, False, None, tuples, lists, dicts.
//
// Source: Python's grammar of literals, of which NumPy writes these; numpy.lib.format reads them with ast.literal_eval.
// Nothing is evaluated here.
import { ReseedError } from '../errors.js';

/** Tuples and lists are arrays. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[] | PythonDict;

export type PythonDict = ReadonlyMap<string, PythonValue>;

/** Deeper than any real header. */
const mostDepth = 16;

/**
 * A dict with strings for keys, which makes up the whole text but for space around it.
 * @param file names it in messages
 * @throws input.format naming the place in the text, what was found there and what was expected
 */
export function parsePythonDict(text: string, file: string): PythonDict {
  const reader = new LiteralReader(text, file);
  reader.expect('{');
  const dict = reader.dict(1);
  reader.expectEnd();
  return dict;
}

/** Space; then a mark, a string, a number (Python 2 wrote long ones with an L), or a name. */
const token =
  /\s*(?:(?<mark>[{}[\](),:])|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<number>-?\d+)L?|(?<name>\w+))/y;

const names: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

class LiteralReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  expect(mark: string): void {
    if (!this.accept(mark)) throw this.wrong(mark);
  }

  expectEnd(): void {
    if (this.text.slice(this.at).trim() !== '') throw this.wrong('its end');
  }

  /** The rest of a dict, whose { has been read. */
  dict(depth: number): PythonDict {
    const out = new Map<string, PythonValue>();
    while (!this.accept('}')) {
      const key = this.value(depth);
      if (typeof key !== 'string' || out.has(key))
        throw this.wrong('a string that is no key yet, before this');
      this.expect(':');
      out.set(key, this.value(depth));
      if (!this.accept(',')) {
        this.expect('}');
        break;
      }
    }
    return out;
  }

  private value(depth: number): PythonValue {
    const { at } = this;
    if (depth === mostDepth) throw this.wrong(`nesting of at most ${mostDepth} levels`);
    const { mark, text, number, name } = this.match() ?? {};
    if (text !== undefined) return text.slice(1, -1).replace(/\\(.)/gs, '$1');
    if (number !== undefined) return Number(number);
    if (name !== undefined) {
      const value = names.get(name);
      if (value !== undefined) return value;
    }
    if (mark === '{') return this.dict(depth + 1);
    if (mark === '[') return this.items(']', depth + 1).values;
    if (mark === '(') {
      // (3) is 3 in brackets; (3,) is a tuple.
      const { values, comma } = this.items(')', depth + 1);
      return values.length === 1 && !comma ? values[0] : values;
    }
    throw this.wrong('a literal', at);
  }

  /** The rest of a tuple or list, and whether a comma stands in it. */
  private items(close: string, depth: number): { values: PythonValue[]; comma: boolean } {
    const values: PythonValue[] = [];
    let comma = false;
    while (!this.accept(close)) {
      values.push(this.value(depth));
      if (!this.accept(',')) {
        this.expect(close);
        break;
      }
      comma = true;
    }
    return { values, comma };
  }

  private accept(mark: string): boolean {
    const before = this.at;
    if (this.match()?.['mark'] === mark) return true;
    this.at = before;
    return false;
  }

  /** The next token, which counts as read; nothing where there is none. */
  private match(): Record<string, string | undefined> | undefined {
    token.lastIndex = this.at;
    const found = token.exec(this.text);
    if (found) this.at = token.lastIndex;
    return found?.groups;
  }

  private wrong(expected: string, at = this.at): ReseedError {
    const rest = this.text.slice(at);
    return new ReseedError('input.format', 'it is not the Python literal that it should be', {
      file: this.file,
      field: `header, offset ${at}`,
      found: rest.trim() === '' ? 'its end' : JSON.stringify(rest.slice(0, 30)),
      expected,
    });
  }
}

// Names that stay when a study is changed: what is kept speaks of SAEs by their keys, never by their ids.
//
// Ids depend on what else stands in the study: with a second setting, `layer0.plus` becomes `layer0.plus.k32`. What was
// measured still holds then, so it is kept under names that depend on content alone.

/** Ids of this study beside the names under which things are kept. */
export class ContentNames {
  readonly #toContent: ReadonlyMap<string, string>;
  readonly #toId: ReadonlyMap<string, string>;

  /** @param names of each SAE of the group: its id, and what it is kept under */
  constructor(names: ReadonlyMap<string, string>) {
    this.#toContent = names;
    this.#toId = new Map([...names].map(([id, content]) => [content, id]));
  }

  /** A copy of JSON in which every text that is an id is a content name. */
  toContent<T>(value: T): T {
    return translated(value, this.#toContent) as T;
  }

  /** The other way. */
  toIds<T>(value: T): T {
    return translated(value, this.#toId) as T;
  }
}

function translated(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((one) => translated(one, names));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, translated(one, names)]));
}

// Stands in for @huggingface/tokenizers in tests: words and marks of the fixture's WordPiece vocabulary, with ##s and ##ing.
export class Tokenizer {
  constructor({ model, added_tokens: added = [] }) {
    if (!model?.vocab) throw new Error('no model in it');
    this.ids = new Map([...Object.entries(model.vocab), ...added.map(({ id, content }) => [content, id])]);
    this.tokens = new Map(Array.from(this.ids, ([token, id]) => [id, token]));
  }

  encode(text) {
    const words = text.toLowerCase().match(/\[\w+\]|\w+|[^\w\s]/g) ?? [];
    return { ids: words.flatMap((word) => this.word(word)) };
  }

  word(word) {
    for (const token of [word, word.toUpperCase()]) if (this.ids.has(token)) return [this.ids.get(token)];
    for (const end of ['s', 'ing']) {
      const stem = word.slice(0, -end.length);
      if (word.endsWith(end) && this.ids.has(stem)) return [this.ids.get(stem), this.ids.get(`##${end}`)];
    }
    return [this.ids.get('[UNK]')];
  }

  token_to_id(token) {
    return this.ids.get(token);
  }

  id_to_token(id) {
    return this.tokens.get(id);
  }
}

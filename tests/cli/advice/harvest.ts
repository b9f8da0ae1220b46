// What `harvest` refuses: models, tokenizers, texts and folders.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseModel } from '../../../src/activations/onnx/graph.js';
import { fixtures } from '../../activations/onnx/installed.js';
import type { Case, Files } from './case.js';

/** A model, its tokenizer and a text that `harvest` takes, with what is said of one case. */
const harvested = ({
  flags = '',
  with: own = {},
  without = [],
  ...said
}: Omit<Case, 'files' | 'command' | 'outcome'> & {
  readonly flags?: string;
  readonly with?: Files;
  readonly without?: readonly string[];
}): Case => {
  const files = { ...model, ...own };
  for (const name of without) delete files[name];
  const command = `harvest @model.onnx @t.jsonl --tensor blocks.1.hook_resid_post --to @out --context 8 ${flags}`;
  return { ...said, files, command: command.trim(), outcome: /27 rows/ };
};

const onnx = (name: string) => readFileSync(join(fixtures, name));

const lines = (texts: readonly object[]) => texts.map((text) => `${JSON.stringify(text)}\n`).join('');

const twoTexts = (JSON.parse(onnx('harvest.json').toString()).texts as string[]).map((text) => ({ text }));

const model: Record<string, Files[string]> = {
  'model.onnx': onnx('model.onnx'),
  'tokenizer.json': onnx('tokenizer.json'),
  'tokenizer_config.json': onnx('tokenizer_config.json'),
  't.jsonl': lines(twoTexts),
};

/** The model with these values in the last weights of its second block. */
const withWeights = (value: number) => {
  const bytes = onnx('model.onnx');
  const { whole } = parseModel(bytes, 'model').weights.find(({ name }) => name === 'layers.1.down')!;
  const values = new DataView(whole.buffer, whole.byteOffset + whole.byteLength - 4 * 128);
  for (let i = 0; i < 128; i++) values.setFloat32(4 * i, value, true);
  return bytes;
};

/** The model with every name `from` called `to`, which is as long; or a version of its operators. */
const renamed = (from: string, to: string) =>
  Buffer.from(onnx('model.onnx').toString('latin1').replaceAll(from, to), 'latin1');

export const cases: readonly Case[] = [
  {
    ...harvested({
      problem: 'no position of a sequence would be left',
      flags: '--drop-first 8',
      advice: /--drop-first: .*found 8; expected at most 7, or a larger --context/,
    }),
    followed:
      'harvest @model.onnx @t.jsonl --tensor blocks.1.hook_resid_post --to @out --context 8 --drop-first 7',
    outcome: /: [34] rows/,
  },
  {
    ...harvested({ problem: 'options are missing', advice: /expected --to FOLDER; --list shows/ }),
    command: 'harvest @model.onnx @t.jsonl --tensor blocks.1.hook_resid_post --context 8',
    followed: '@= --to @out',
  },
  {
    ...harvested({ problem: 'there is no model in it', advice: /expected model\.onnx or onnx\/model\.onnx/ }),
    files: { 'empty/notes.txt': '', ...model },
    command: 'harvest @empty --list',
    followed: 'harvest @model.onnx --list',
    outcome: /blocks\.2\.hook_resid_post/,
  },
  harvested({
    problem: 'it is not an ONNX model',
    with: { 'model.onnx': 'not a model' },
    advice: /model\.onnx: .*; expected a m(essage of Protocol Buffers|odel\.onnx)/,
    mended: { 'model.onnx': onnx('model.onnx') },
  }),
  harvested({
    problem: 'ONNX Runtime cannot run it',
    with: { 'model.onnx': renamed('\x10\x11', '\x10\x63') },
    advice: /model\.onnx: .*found .*opset 99/,
    mended: { 'model.onnx': onnx('model.onnx') },
  }),
  harvested({
    problem: 'a file that holds weights of the model is missing',
    with: { 'model.onnx': onnx('external.onnx') },
    advice: /model\.onnx, weights\.bin: .*expected .*weights\.bin, beside the model/,
    mended: { 'weights.bin': onnx('weights.bin') },
  }),
  harvested({
    problem: 'it names a file of weights outside of its folder',
    with: {
      'model.onnx': Buffer.from(
        onnx('external.onnx').toString('latin1').replaceAll('weights.bin', '../ghts.bin'),
        'latin1',
      ),
    },
    advice: /external data: .*found \.\.\/ghts\.bin; expected a file beside the model/,
    mended: { 'model.onnx': onnx('external.onnx'), 'weights.bin': onnx('weights.bin') },
  }),
  harvested({
    problem: 'the model reads something that is not known',
    with: { 'model.onnx': renamed('position_ids', 'something_id') },
    advice: /input something_id: .*expected input_ids, attention_mask, token_type_ids, position_ids/,
    mended: { 'model.onnx': onnx('model.onnx') },
  }),
  harvested({
    problem: 'the model gives values that are not finite',
    with: { 'model.onnx': withWeights(Number.NaN) },
    advice: /tensor blocks\.1\.hook_resid_post, row 0, column 0: .*found NaN/,
    mended: { 'model.onnx': onnx('model.onnx') },
    removed: 'out',
  }),
  harvested({
    problem: 'a value is too large for float16',
    flags: '--float16',
    with: { 'model.onnx': withWeights(1e6) },
    advice: /row 0, column \d: .*expected at most 65504; no --float16/,
    followed: 'harvest @model.onnx @t.jsonl --tensor blocks.1.hook_resid_post --to @other --context 8',
  }),
  harvested({
    problem: 'it is no tensor of the model with a row for each token',
    flags: '--tensor blocks.7.hook_resid_post',
    advice:
      /--tensor blocks\.7\.hook_resid_post: .*found sites blocks\.0\.hook_resid_pre … blocks\.2\.hook_resid_post; expected one of those that --list shows/,
    followed: 'harvest @model.onnx @t.jsonl --tensor blocks.2.hook_resid_post --to @out --context 8',
  }),
  harvested({
    problem: 'it is not JSON',
    with: { 'tokenizer.json': '{' },
    advice: /tokenizer\.json: it is not JSON/,
    mended: { 'tokenizer.json': onnx('tokenizer.json') },
  }),
  harvested({
    problem: 'it is not a tokenizer that can be read',
    with: { 'tokenizer.json': '{}' },
    advice: /tokenizer\.json: .*found no model in it/,
    mended: { 'tokenizer.json': onnx('tokenizer.json') },
  }),
  harvested({
    problem: 'it has no token that separates texts',
    without: ['tokenizer_config.json'],
    advice: /expected --separator TOKEN with one of its tokens, or --no-separator/,
    followed: '@= --separator [CLS]',
  }),
  {
    ...harvested({
      problem: 'it is not a kind of text that can be read',
      with: { 't.csv': 'the' },
      advice: /t\.csv: .*found \.csv; expected \.txt, \.jsonl or \.parquet/,
    }),
    command: 'harvest @model.onnx @t.csv --tensor blocks.1.hook_resid_post --to @out --context 8',
    followed: 'harvest @model.onnx @t.jsonl --tensor blocks.1.hook_resid_post --to @other --context 8',
  },
  harvested({
    problem: 'a line is not JSON',
    with: { 't.jsonl': 'The cats' },
    advice: /t\.jsonl, line 1: .*found "The cats"/,
    mended: { 't.jsonl': lines(twoTexts) },
    removed: 'out',
  }),
  harvested({
    problem: 'a line has no text',
    with: { 't.jsonl': lines(twoTexts.map(({ text }) => ({ story: text }))) },
    advice: /line 1: .*expected \{"text": "…"\}, or --column NAME/,
    followed: '@= --column story',
    removed: 'out',
  }),
  harvested({
    problem: 'the text fills no sequence',
    with: { 't.jsonl': lines([{ text: 'the cat' }]) },
    advice: /found 2 tokens; expected at least 7, or a smaller --context/,
    mended: { 't.jsonl': lines(twoTexts) },
    removed: 'out',
  }),
  harvested({
    problem: 'the folder holds other files',
    with: { 'out/notes.txt': '' },
    advice: /found notes\.txt; expected a new folder, or one that harvest has begun/,
    removed: 'out',
  }),
  harvested({
    problem: 'the folder holds another harvest',
    with: { 'out/harvest.json': { json: { schema: 'reseed/harvest/1' } } },
    advice: /model: .*found nothing; expected .*, or another --to/,
    removed: 'out',
  }),
];

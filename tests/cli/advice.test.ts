// Every refusal of a file or a flag, and that its advice, followed, works: the refused input, what the message must say, what is
// done about it, and what then comes out. The last test sees that no message is missing.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseModel } from '../../src/activations/onnx/graph.js';
import { compareCommand } from '../../src/cli/compare.js';
import { consensusCommand } from '../../src/cli/consensus.js';
import { convertCommand } from '../../src/cli/convert.js';
import { harvestCommand } from '../../src/cli/harvest.js';
import { inspectCommand } from '../../src/cli/inspect.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { readSae } from '../../src/sae/open-sae.js';
import type { Stated } from '../../src/sae/stated.js';
import { Rng } from '../../src/tensor/index.js';
import { environment, fixtures, installed } from '../activations/onnx/installed.js';
import { checkpointOf, type Values, type Written } from '../sae/memory-checkpoint.js';

const peers = new URL('../fixtures/peers/', import.meta.url).pathname;
const [d, features] = [3, 4];

const random = new Rng(3);
const drawn = (...shape: number[]): Shaped => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  random.fillNormal(data);
  return { shape, data };
};

interface Shaped {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

type Tensors = Readonly<Record<string, Shaped>>;

const plain: Tensors = {
  W_enc: drawn(d, features),
  b_enc: drawn(features),
  W_dec: drawn(features, d),
  b_dec: drawn(d),
};
const layers: Tensors = {
  'encoder.weight': drawn(features, d),
  'encoder.bias': drawn(features),
  'decoder.weight': drawn(d, features),
};
const below = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
const number = (value: number): Shaped => ({ shape: [], data: Float32Array.of(value) });
const told = { architecture: 'relu', apply_b_dec_to_input: 'false' };
const x = { x: drawn(40, d) };
const cfg = {
  architecture: 'standard',
  d_in: d,
  d_sae: features,
  apply_b_dec_to_input: true,
  normalize_activations: 'none',
  metadata: {},
};
const stacked = (n: number): Tensors => ({
  W_enc: drawn(n, d, features),
  W_dec: drawn(n, features, d),
  b_enc: drawn(n, features),
});

/** By name: tensors with metadata, a JSON value, or text. */
type Files = Readonly<
  Record<string, [Tensors, Record<string, string>?] | { json: unknown } | string | Uint8Array>
>;

interface Case {
  /** As the source has it, with … for what is filled in. */
  readonly problem: string;
  readonly files: Files;
  /** @NAME is a file of its folder, %NAME one of the peers'. */
  readonly command: string;
  /** What the message must say besides, the advice first of all. */
  readonly advice: RegExp;
  /** The command that follows it, where it is another; @= is the first one. */
  readonly followed?: string;
  /** Files that are written as it says. */
  readonly mended?: Files;
  readonly removed?: string;
  readonly outcome: RegExp;
}

const encoded = /features fire/;
const read = /^ {2}.*(?:SAE|transcoder), /m;
const compared = /decoder\.max/;
const converted = /features of width/;
const agreed = /famil(?:y|ies)/;
const onX = 'inspect @a.safetensors --activations @x.safetensors';
const withX = (tensors: Tensors, metadata?: Record<string, string>): Files => ({
  'a.safetensors': metadata ? [tensors, metadata] : [tensors],
  'x.safetensors': [x],
});
const alone = (path: string): Case => ({
  problem: '',
  files: { 'x.safetensors': [{ x: drawn(20, path.includes('cross') ? 24 : 8) }] },
  command: `compare %${path} %${path} --activations @x.safetensors`,
  advice: /no --activations: its directions can be compared alone/,
  followed: `compare %${path} %${path}`,
  outcome: compared,
});

const withTokens =
  'compare @a.safetensors @a.safetensors --activations @x.safetensors --tokens @t.json --out @out';
const tokenLists = (rows: number) => ({
  document: Array(rows).fill(0),
  position: Array.from({ length: rows }, (_, n) => n),
  token: Array(rows).fill(' a'),
});
/** A file of tokens that is refused, and one that is not. */
const tokens = (problem: string, t: Files[string], advice: RegExp): Case => ({
  problem,
  files: { ...withX(plain, { ...told, apply_b_dec_to_input: 'false' }), 't.json': t },
  command: withTokens,
  advice,
  mended: { 't.json': { json: tokenLists(40) } },
  outcome: compared,
});

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

const cases: readonly Case[] = [
  {
    ...harvested({ problem: 'something is missing', advice: /expected --to FOLDER; --list shows/ }),
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
  tokens(
    'tokens and activations differ in rows',
    { json: tokenLists(39) },
    /t\.json, tokens: .*found 39 rows; expected 40, one a row of .*x\.safetensors/,
  ),
  tokens(
    'it is neither Parquet nor JSON',
    'a b c',
    /expected Parquet, or a JSON object of three lists: document/,
  ),
  tokens(
    'it is not a list',
    { json: { token: [] } },
    /document: .*found nothing; expected Parquet, or a JSON/,
  ),
  tokens(
    'its lists are not of one length',
    { json: { ...tokenLists(40), token: ['a'] } },
    /token: .*found 1; expected 40, as in document/,
  ),
  tokens(
    'it is not what the column holds',
    { json: { ...tokenLists(40), token: Array(40).fill(7) } },
    /token, row 0: .*found 7; expected a text/,
  ),
  tokens('it cannot be read as Parquet', 'PAR1 cut off', /t\.json: it cannot be read as Parquet/),
  {
    problem: 'there are no tokens in it',
    files: { ...withX(plain, told), 'empty/notes.txt': '' },
    command: withTokens.replace('@t.json', '@empty'),
    advice: /expected tokens\.parquet or tokens\.json/,
    mended: { 'empty/tokens.json': { json: tokenLists(40) } },
    outcome: compared,
  },
  ...[' --out @out', ' --activations @x.safetensors'].map(
    (missing): Case => ({
      problem: 'they are of no use',
      files: { ...withX(plain, told), 't.json': { json: tokenLists(40) } },
      command: withTokens.replace(missing, ''),
      advice: missing.includes('out')
        ? /--tokens: .*found no folder for examples\.parquet; expected --out FOLDER too/
        : /--tokens: .*found no activations that they belong to; expected --activations FILE too/,
      followed: `@=${missing}`,
      outcome: compared,
    }),
  ),
  {
    problem: 'more than one normalisation of the input stands beside the weights',
    files: withX({ ...plain, mean: drawn(d), act_mean: drawn(d) }, told),
    command: onX,
    advice: /found tensor act_mean, tensor mean; expected one, or --ignore NAME for the others/,
    followed: '@= --ignore mean',
    outcome: encoded,
  },
  {
    problem: 'it stands beside the weights and may change what they compute…',
    files: withX({ ...below('state_dict/', plain), input_scale: number(2) }, told),
    command: onX,
    advice: /--ignore input_scale, where it changes nothing/,
    followed: '@= --ignore input_scale',
    outcome: encoded,
  },
  {
    problem: 'it holds values that nothing can be divided by',
    files: withX({ ...plain, std: { shape: [d], data: Float32Array.of(1, 0, 1) } }, told),
    command: onX,
    advice: /--ignore std/,
    followed: '@= --ignore std',
    outcome: encoded,
  },
  {
    problem: 'it is of another width than what the SAE reads',
    files: withX({ ...plain, mean: drawn(2) }, told),
    command: onX,
    advice: /--ignore mean/,
    followed: '@= --ignore mean',
    outcome: encoded,
  },
  {
    problem: 'it normalises its input in two ways, or passes it on as well',
    files: {
      ...withX({ ...plain, mean: drawn(d) }),
      'cfg.json': { json: { ...cfg, normalize_activations: 'layer_norm' } },
    },
    command: onX,
    advice: /--ignore mean/,
    followed: '@= --ignore mean',
    outcome: encoded,
  },
  {
    problem: 'it changes what is computed: it …',
    files: { ...withX(plain, told), 'config.json': { json: { input_scale: 2 } } },
    command: onX,
    advice: /setting input_scale: .*--ignore input_scale/,
    followed: '@= --ignore input_scale',
    outcome: encoded,
  },
  {
    problem: 'it says neither yes nor no',
    files: withX(plain, { ...told, apply_b_dec_to_input: 'maybe' }),
    command: onX,
    advice: /expected true or false, or --ignore apply_b_dec_to_input/,
    followed: '@= --ignore apply_b_dec_to_input --subtract-decoder-bias yes',
    outcome: encoded,
  },
  {
    problem: 'what stands beside the weights contradicts itself',
    files: withX(plain, { ...told, k: '2', top_k: '3', architecture: 'topk' }),
    command: onX,
    advice: /k or top_k or topk: .*found 2, 3; expected one of them, or --ignore NAME for the others/,
    followed: '@= --ignore top_k',
    outcome: encoded,
  },
  {
    problem: 'it is not an architecture that can be read',
    files: withX(plain, { ...told, architecture: 'fancy' }),
    command: onX,
    advice: /found fancy; expected relu, .*or --ignore architecture and --architecture/,
    followed: '@= --ignore architecture --architecture relu',
    outcome: encoded,
  },
  {
    problem: 'the file alone does not tell how to read it',
    files: withX(plain),
    command: 'convert @a.safetensors --to saelens @out',
    advice:
      /--architecture relu, .*; topk or abstopk with --k\); .*--subtract-decoder-bias yes or no, or --activations FILE/,
    followed: '@= --architecture abstopk --k 2 --subtract-decoder-bias no',
    outcome: converted,
  },
  {
    problem: 'the file alone does not tell how to read it',
    files: withX(plain),
    command: `${onX} --architecture relu`,
    advice: /activations that no reading, or more than one, .*--transcoder, where it writes elsewhere/,
    followed: '@= --transcoder',
    outcome: encoded,
  },
  {
    problem: 'the file alone does not tell how to read it',
    files: withX({ W_enc: drawn(d, features), W_dec: drawn(features, d) }),
    command: 'convert @a.safetensors --to saelens @out --architecture relu',
    advice: /d_sae in a config.json beside it/,
    mended: { 'config.json': { json: { d_sae: features } } },
    outcome: converted,
  },
  {
    problem: 'the file alone does not tell how to read it',
    files: withX({ W_enc: drawn(4, 4), W_dec: drawn(4, 4) }),
    command: 'convert @a.safetensors --to saelens @out --architecture relu',
    advice: /the names of layers, encoder\.weight \[features × width\] and decoder\.weight/,
    mended: withX({ 'encoder.weight': drawn(4, 4), 'decoder.weight': drawn(4, 4) }),
    outcome: converted,
  },
  {
    problem: 'the file says otherwise than was stated',
    files: withX({ ...plain, threshold: number(0.5) }, { apply_b_dec_to_input: 'true' }),
    command: `${onX} --architecture relu`,
    advice:
      /found tensor threshold; expected relu, as stated; --architecture jumprelu or batchtopk, or --ignore threshold/,
    followed: '@= --ignore threshold',
    outcome: encoded,
  },
  {
    problem: 'BatchTopK chooses over a whole batch, and the threshold that stands for it is not in the file',
    files: withX(plain, { ...told, architecture: 'batchtopk' }),
    command: onX,
    advice: /--architecture topk with --k, which keeps k of each row; or no --activations/,
    followed: '@= --architecture topk --k 2',
    outcome: encoded,
  },
  {
    problem: 'they do not fit each other',
    files: withX({ ...layers, 'decoder.weight': drawn(5, features) }),
    command: `${onX} --architecture relu`,
    advice:
      /\[4 × 3\] and \[5 × 4\].*expected \[features × width\] and \[width × features\], or --transcoder/,
    followed: '@= --transcoder',
    outcome: encoded,
  },
  {
    problem: 'it is not a number of features that can be kept',
    files: withX(plain, { ...told, architecture: 'topk' }),
    command: onX,
    advice: /--k or k beside the weights: .*found nothing; expected a whole number from 1 to 4/,
    followed: '@= --k 2',
    outcome: encoded,
  },
  {
    problem: 'its features cannot be put into blocks of one size',
    files: withX(plain, { ...told, architecture: 'groupmax', k: '3' }),
    command: onX,
    advice: /found 3, of 4 features; expected a whole number of them in each of k blocks/,
    mended: withX(plain, { ...told, architecture: 'groupmax', k: '2' }),
    outcome: encoded,
  },
  {
    problem: 'the tensor k is another',
    files: withX({ ...plain, k: number(2) }, { ...told, architecture: 'topk', k: '3' }),
    command: onX,
    advice: /found 3; expected 2/,
    mended: withX({ ...plain, k: number(2) }, { ...told, architecture: 'topk', k: '2' }),
    outcome: encoded,
  },
  {
    problem: 'it holds tensors that … does not have',
    files: withX({ ...plain, odd: drawn(2) }, told),
    command: onX,
    advice: /tensor odd: .*or --ignore odd, where it changes nothing/,
    followed: '@= --ignore odd',
    outcome: encoded,
  },
  {
    problem: 'it has the wrong shape',
    files: withX({ ...plain, threshold: drawn(2) }, { ...told, architecture: 'jumprelu' }),
    command: onX,
    advice: /found \[2\]; expected \[4\]/,
    mended: withX({ ...plain, threshold: drawn(4) }, { ...told, architecture: 'jumprelu' }),
    outcome: encoded,
  },
  {
    problem: 'it is not there, and … has it',
    files: {
      'a.safetensors': [plain],
      'cfg.json': { json: { ...cfg, architecture: 'jumprelu' } },
    },
    command: 'inspect @a.safetensors',
    advice: /tensor threshold: .*expected threshold/,
    mended: { 'a.safetensors': [{ ...plain, threshold: drawn(4) }] },
    outcome: read,
  },
  {
    problem: 'its TopKSAE and BatchTopKSAE have the same tensors',
    files: { 'x.safetensors': [{ x: drawn(20, 8) }] },
    command: 'inspect %interplm/topk/ae_normalized.pt --activations @x.safetensors',
    advice: /--architecture topk or batchtopk/,
    followed: '@= --architecture topk',
    outcome: encoded,
  },
  {
    problem: 'AutoEncoderTopK and BatchTopKSAE have the same tensors',
    files: withX({ ...layers, b_dec: drawn(d), k: number(2), threshold: number(-1) }),
    command: onX,
    advice: /--architecture topk or batchtopk/,
    followed: '@= --architecture topk',
    outcome: encoded,
  },
  {
    problem: 'the encoder has another width',
    files: {
      ...withX({ ...layers, bias: drawn(d) }),
      'config.json': { json: { trainer: { dict_class: 'AutoEncoder', dict_size: 5 } } },
    },
    command: onX,
    advice: /trainer\.dict_size: .*found 5; expected 4/,
    mended: { 'config.json': { json: { trainer: { dict_class: 'AutoEncoder', dict_size: 4 } } } },
    outcome: encoded,
  },
  {
    problem: 'message',
    files: {
      ...withX({
        'encoder.weight': drawn(features, d),
        'encoder.bias': drawn(features),
        W_dec: drawn(features, d),
        b_dec: drawn(d),
      }),
      'cfg.json': { json: { d_in: d, k: -1, num_latents: features } },
    },
    command: onX,
    advice: /cfg\.json, k: .*found -1/,
    mended: { 'cfg.json': { json: { d_in: d, k: 1, num_latents: features } } },
    outcome: encoded,
  },
  {
    problem: 'how many features it keeps is not in the weights',
    files: withX({
      'encoder.weight': drawn(features, d),
      'encoder.bias': drawn(features),
      W_dec: drawn(features, d),
      b_dec: drawn(d),
    }),
    command: onX,
    advice: /expected the one that sparsify writes beside them, with d_in, k and activation/,
    mended: { 'cfg.json': { json: { d_in: d, k: 2, num_latents: features, activation: 'topk' } } },
    outcome: encoded,
  },
  {
    problem: 'it is an activation function that cannot be read',
    files: { ...withX(plain), 'cfg.json': { json: { ...cfg, activation_fn_str: 'tanh-relu' } } },
    command: onX,
    advice: /activation_fn_str: .*expected relu or topk/,
    mended: { 'cfg.json': { json: { ...cfg, activation_fn_str: 'relu' } } },
    outcome: encoded,
  },
  {
    problem: 'how its input was normalised is not in the file',
    files: {
      ...withX(plain),
      'cfg.json': { json: { ...cfg, normalize_activations: 'expected_average_only_in' } },
    },
    command: onX,
    advice: /activation_scaler\.json with scaling_factor beside it, .*; or none, after/,
    mended: { 'activation_scaler.json': { json: { scaling_factor: 2 } } },
    outcome: encoded,
  },
  {
    problem: 'what its input is multiplied with is not in the files',
    files: {
      ...withX({ W_E: drawn(d, features), b_E: drawn(features), W_D: drawn(features, d), b_D: drawn(d) }),
      'config.json': { json: openmoss('dataset-wise') },
    },
    command: onX,
    advice: /or norm_activation inference after they are folded in/,
    mended: { 'config.json': { json: openmoss('inference') } },
    outcome: encoded,
  },
  {
    problem: 'its features are no directions, which could be compared',
    files: {
      ...withX({ W_E: drawn(d, features), b_E: drawn(features), W_D: drawn(features, d), b_D: drawn(d) }),
      'config.json': { json: { ...openmoss('inference'), sae_type: 'molt' } },
    },
    command: onX,
    advice: /found molt; expected sae, crosscoder, clt, lorsa/,
    mended: { 'config.json': { json: { ...openmoss('inference'), sae_type: 'sae' } } },
    outcome: encoded,
  },
  {
    ...alone('openmoss/batch-wise'),
    problem: 'the norm of its input is that of a whole batch, which no row tells',
  },
  {
    ...alone('openmoss/batchtopk'),
    problem: 'it chooses features over a whole batch, or over all layers, and no threshold is in the files',
  },
  {
    ...alone('openmoss/batchtopk'),
    problem: 'it chooses features over a whole batch, or over all layers, and no threshold is in the files',
    advice: /--architecture topk, which keeps 4 of each row/,
    followed: '@= --architecture topk',
  },
  { ...alone('openmoss/glu'), problem: 'a gate multiplies its pre-activations, which is not read' },
  {
    ...alone('openmoss/lorsa'),
    problem: 'its codes come from all positions of a sequence by attention, and not from rows',
  },
  {
    ...alone('openmoss/crosscoder-jumprelu'),
    problem:
      'each of its models keeps or drops a feature by itself, so that features have more codes than one',
  },
  {
    ...alone('openmoss/crosscoder-token-wise'),
    problem: 'activations of each model are normalised by themselves, and here they stand side by side',
  },
  { ...alone('overcomplete/mlp-encoder/sae.pt'), problem: 'its encoder is more than one linear layer' },
  { ...alone('overcomplete/quantised/sae.pt'), problem: 'how it makes codes is not in the file' },
  {
    ...alone('overcomplete/relu/sae.pt'),
    problem: 'how it makes codes is not in the file',
    advice: /--architecture relu, or --architecture topk with --k; or no --activations/,
    followed: '@= --architecture topk --k 3',
  },
  {
    problem: 'how its dictionary is normalised is not in the file',
    files: {},
    command: 'convert %overcomplete/identity/sae.pt --to saelens @out --architecture topk --k 4',
    advice: /a whole module saved after eval\(\)/,
    followed: 'convert %overcomplete/identity-whole/sae.pt --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it goes farther from its archetypes than its delta, which is not in the file',
    files: {},
    command: 'convert %overcomplete/archetypal-far/sae.pt --to saelens @out --architecture topk --k 4',
    advice: /or a whole module saved after eval\(\)/,
    followed: 'convert %overcomplete/archetypal-whole/sae.pt --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'SAELens has no architecture for this SAE',
    files: {},
    command: 'convert %sparsify/groupmax/layers.3 --to saelens @out',
    advice: /--to safetensors, which keeps more/,
    followed: 'convert %sparsify/groupmax/layers.3 --to safetensors @out',
    outcome: converted,
  },
  {
    problem: 'dictionary_learning has no class for this SAE',
    files: {},
    command: 'convert %sae-lens/abstopk --to dictionary_learning @out',
    advice: /else --to safetensors/,
    followed: 'convert %sae-lens/abstopk --to safetensors @out',
    outcome: converted,
  },
  {
    problem: 'a plain state dict cannot say how this SAE encodes',
    files: {
      'a.safetensors': [{ ...plain, W_skip: drawn(d, d) }],
      'cfg.json': {
        json: { ...cfg, architecture: 'skip_transcoder', d_out: d, normalize_activations: 'layer_norm' },
      },
    },
    command: 'convert @a.safetensors --to safetensors @out',
    advice: /--to saelens/,
    followed: 'convert @a.safetensors --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'no layout that is written has a router',
    files: {},
    command: 'convert %husai/variant-8/sae_final.pt --to safetensors @out',
    advice: /compare and inspect read it as it is/,
    followed: 'inspect %husai/variant-8/sae_final.pt',
    outcome: read,
  },
  {
    problem: 'the folder holds other things already',
    files: { 'a.safetensors': [plain, told], 'out/mine.txt': 'mine' },
    command: 'convert @a.safetensors --to saelens @out',
    advice: /expected a new or an empty folder/,
    followed: 'convert @a.safetensors --to saelens @new',
    outcome: converted,
  },
  {
    problem: 'it does not list shards',
    files: { 'a.safetensors': [plain, told], 'model.safetensors.index.json': { json: { weight_map: {} } } },
    command: 'convert @model.safetensors.index.json --to saelens @out',
    advice: /expected 1 to 256 names of files beside it/,
    mended: { 'model.safetensors.index.json': { json: { weight_map: { W_enc: 'a.safetensors' } } } },
    outcome: converted,
  },
  ...['{', '[]', `${'['.repeat(99)}${']'.repeat(99)}`].map((text, i): Case => {
    return {
      problem: ['it is not …', 'it is not a …', 'it is nested too deeply'][i],
      files: { ...withX(plain, told), 'config.json': text },
      command: onX,
      advice: [
        /it is not JSON.*expected a JSON object/,
        /it is not a JSON object/,
        /nested too deeply; expected at most \d+ levels/,
      ][i],
      mended: { 'config.json': '{}' },
      outcome: encoded,
    };
  }),
  {
    problem: 'it is too long for a configuration',
    files: { ...withX(plain, told), 'config.yaml': `a: ${'b'.repeat(70_000)}\n` },
    command: onX,
    advice: /expected a YAML map of at most 65536 bytes/,
    mended: { 'config.yaml': 'a: b\n' },
    outcome: encoded,
  },
  {
    problem: 'which file holds the SAE cannot be told',
    files: { 'a.safetensors': [plain, told], 'b.safetensors': [plain, told] },
    command: 'convert @ --to saelens @out/new',
    advice: /found 2: a\.safetensors, b\.safetensors; expected .*a single file/,
    followed: 'convert @a.safetensors --to saelens @out/new',
    outcome: converted,
  },
  {
    problem: 'it holds more than one SAE',
    files: { 'a.safetensors': [stacked(2), told] },
    command: 'convert @a.safetensors --to saelens @out',
    advice: /found 2: .*a\.safetensors#0, .*expected the name of one behind a #/,
    followed: 'convert @a.safetensors#0 --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it does not hold this SAE',
    files: { 'a.safetensors': [stacked(2), told] },
    command: 'convert @a.safetensors#9 --to saelens @out',
    advice: /found 0, 1; expected 9/,
    followed: 'convert @a.safetensors#1 --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it holds too many SAEs',
    files: {
      'a.safetensors': [
        { W_enc: drawn(10_001, 1, 2), W_dec: drawn(10_001, 2, 1), b_enc: drawn(10_001, 2) },
        told,
      ],
    },
    command: 'compare @a.safetensors',
    advice: /found 10001; expected at most 10000/,
    mended: { 'a.safetensors': [stacked(2), told] },
    outcome: compared,
  },
  {
    problem: 'it is not an SAE of a known layout',
    files: withX({ W_dec: drawn(features, d) }),
    command: 'compare @a.safetensors @a.safetensors --activations @x.safetensors',
    advice: /without --activations, a \.npy file of decoder rows, or a tensor W_dec alone, will do/,
    followed: 'compare @a.safetensors @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'which axis counts features cannot be told',
    files: { 'a.safetensors': [{ decoder: drawn(4, 4) }] },
    command: 'compare @a.safetensors @a.safetensors',
    advice: /whose tensor is called W_dec \(one row a feature\) or decoder\.weight/,
    mended: { 'a.safetensors': [{ W_dec: drawn(4, 4) }] },
    outcome: compared,
  },
  // Activations
  {
    problem: 'a folder of activations holds no folders',
    files: { 'a.safetensors': [plain, told], 'xs/more/x.safetensors': [x] },
    command: 'inspect @a.safetensors --activations @xs',
    advice: /xs\/more: a folder of activations/,
    followed: 'inspect @a.safetensors --activations @xs/more',
    outcome: encoded,
  },
  {
    problem: 'there are no activations in it',
    files: { 'a.safetensors': [plain, told], 'xs/notes.txt': '' },
    command: 'inspect @a.safetensors --activations @xs',
    advice: /xs: there are no activations/,
    mended: { 'xs/x.safetensors': [x] },
    outcome: encoded,
  },
  {
    problem: 'it has rows of another width',
    files: {
      'a.safetensors': [plain, told],
      'xs/1.safetensors': [x],
      'xs/2.safetensors': [{ x: drawn(5, 7) }],
    },
    command: 'inspect @a.safetensors --activations @xs',
    advice: /2\.safetensors, tensor x: .*found 7; expected 3, as in/,
    removed: 'xs/2.safetensors',
    outcome: encoded,
  },
  {
    problem: 'activations have two dimensions, or three',
    files: { ...withX(plain, told), 'x.safetensors': [{ x: drawn(2, 2, 2, 3) }] },
    command: onX,
    advice: /expected \[rows × d\] or \[batch × sequence × d\]/,
    mended: { 'x.safetensors': [{ x: drawn(4, 2, 3) }] },
    outcome: encoded,
  },
  {
    problem: 'it does not hold floats',
    files: { ...withX(plain, told), 'x.safetensors': [{ x: { shape: [2, 3], data: new Int32Array(6) } }] },
    command: onX,
    advice: /found I32; expected .*F32/,
    mended: { 'x.safetensors': [x] },
    outcome: encoded,
  },
  {
    problem: 'there are no sequences to leave first positions out of',
    files: withX(plain, told),
    command: `${onX} --drop-first 1`,
    advice: /--drop-first: .*found tensor x \[40 × 3\]; expected \[batch × sequence × d\]/,
    mended: { 'x.safetensors': [{ x: drawn(8, 5, 3) }] },
    outcome: encoded,
  },
  {
    problem: 'it is not in the file',
    files: withX(plain, told),
    command: `${onX}#y`,
    advice: /tensor y: it is not in the file; found x/,
    followed: `${onX}#x`,
    outcome: encoded,
  },
  {
    problem: 'which tensor holds the activations cannot be told',
    files: { ...withX(plain, told), 'x.safetensors': [{ p: drawn(9, 3), q: drawn(9, 3) }] },
    command: onX,
    advice: /or its name as FILE#NAME/,
    followed: `${onX}#q`,
    outcome: encoded,
  },
  {
    problem: 'activations must be finite numbers',
    files: {
      ...withX(plain, told),
      'x.safetensors': [{ x: { shape: [2, 3], data: Float32Array.of(1, 2, 3, Number.NaN, 1, 2) } }],
    },
    command: 'compare @a.safetensors @a.safetensors --activations @x.safetensors',
    advice: /row 1/,
    mended: { 'x.safetensors': [x] },
    outcome: compared,
  },
  {
    problem: 'these activations are not for these SAEs',
    files: { ...withX(plain, told), 'y.safetensors': [{ y: drawn(9, 5) }] },
    command: 'compare @a.safetensors @a.safetensors --activations @y.safetensors',
    advice: /found \[9 × 5\]; expected \[rows × 3\]/,
    followed: 'compare @a.safetensors @a.safetensors --activations @x.safetensors',
    outcome: compared,
  },
  {
    problem: 'it is empty',
    files: { 'x.safetensors': [{ p: drawn(0, 3), q: drawn(9, 3) }] },
    command: 'inspect @x.safetensors#p',
    advice: /tensor p: it is empty/,
    followed: 'inspect @x.safetensors#q',
    outcome: /activations: 9 rows/,
  },
  // Flags
  {
    problem: 'each SAE needs one',
    files: { 'a.safetensors': [plain, told] },
    command: 'compare @a.safetensors @a.safetensors --init @a.safetensors',
    advice: /--init: each SAE needs one; found 1; expected 2/,
    followed: '@= @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'others have activations, and it has none',
    files: withX(plain, told),
    command: 'compare @a.safetensors @a.safetensors:activations=@x.safetensors',
    advice: /a\.safetensors:activations=FILE, or --activations FILE for all/,
    followed: '@= --activations @x.safetensors',
    outcome: compared,
  },
  {
    problem: 'it is the folder of a study',
    files: { 'a.safetensors': [plain, told], 'out/.work/plan.json': '{}' },
    command: 'compare @a.safetensors @a.safetensors --out @out',
    advice: /expected a folder of its own for the comparison \(--out\)/,
    followed: 'compare @a.safetensors @a.safetensors --out @new',
    outcome: compared,
  },
  {
    problem: 'it is the folder of a study',
    files: { 'a.safetensors': [plain, told], 'out/.work/plan.json': '{}' },
    command: 'consensus @a.safetensors @a.safetensors --to @out',
    advice: /expected a folder of its own for the consensus \(--to\)/,
    followed: 'consensus @a.safetensors @a.safetensors --to @new',
    outcome: agreed,
  },
  {
    problem: 'no family can be in so many SAEs',
    files: { 'a.safetensors': [plain, told] },
    command: 'consensus @a.safetensors @a.safetensors --to @out --support 3',
    advice: /found 3; expected 2 … 2, the number of SAEs/,
    followed: 'consensus @a.safetensors @a.safetensors --to @out --support 2',
    outcome: agreed,
  },
  {
    problem: 'codes are known on activations only',
    files: withX(plain, told),
    command: 'consensus @a.safetensors @a.safetensors --to @out --by codes',
    advice: /expected activations \(--activations\), or directions/,
    followed: '@= --activations @x.safetensors',
    outcome: agreed,
  },
  {
    problem: 'its weights are not all finite',
    files: {
      'a.safetensors': [plain, told],
      'b.safetensors': [
        { ...plain, b_enc: { shape: [features], data: new Float32Array(features).fill(Number.NaN) } },
        told,
      ],
    },
    command: 'consensus @a.safetensors @b.safetensors @a.safetensors --to @out',
    advice: /b\.safetensors.*: .*found 4 NaN, 0 infinite; expected finite numbers; leave this SAE out/,
    followed: 'consensus @a.safetensors @a.safetensors --to @out',
    outcome: agreed,
  },
  {
    problem: 'there is no folder that the page would show',
    files: { 'a.safetensors': [plain, told] },
    command: 'compare @a.safetensors @a.safetensors --explore',
    advice: /--explore: .*expected --out FOLDER too/,
    // With --explore it would go on until it is interrupted: tests/cli/explore.test.ts does that.
    followed: 'compare @a.safetensors @a.safetensors --out @new',
    outcome: compared,
  },
  {
    problem: 'there is no folder that other processes would work in',
    files: { 'a.safetensors': [plain, told] },
    command: 'compare @a.safetensors @a.safetensors --executor local',
    advice: /--executor: .*expected --out FOLDER too/,
    followed: 'compare @a.safetensors @a.safetensors --executor local --out @new',
    outcome: compared,
  },
  {
    problem: 'it is not a setting of one SAE',
    files: { 'a.safetensors': [plain, { ...told, architecture: 'topk' }] },
    command: 'compare @a.safetensors:k=none @a.safetensors:k=2',
    advice: /found k=none; expected k=N, a whole number from 1 on/,
    followed: 'compare @a.safetensors:k=1 @a.safetensors:k=2',
    outcome: compared,
  },
  {
    problem: 'they are of no use',
    files: withX(plain),
    command:
      'compare @a.safetensors @a.safetensors --architecture relu --transcoder --targets @x.safetensors',
    advice: /found no activations that transcoders would read; expected --activations FILE too/,
    followed: '@= --activations @x.safetensors',
    outcome: compared,
  },
  ...['compare @a.safetensors @a.safetensors', 'inspect @a.safetensors'].map(
    (command): Case => ({
      problem: 'they are of no use',
      files: withX(plain, { ...told, apply_b_dec_to_input: '' }),
      command: `${command} --subtract-decoder-bias no --activations @x.safetensors --targets @x.safetensors`,
      advice: /no transcoder.*of a plain state dict it must be stated \(--transcoder\)/,
      followed: '@= --transcoder',
      outcome: /decoder\.max|of what it should write/,
    }),
  ),
  {
    problem: 'there is nothing to compare with',
    files: { 'a.safetensors': [plain, told] },
    command: 'compare @a.safetensors',
    advice: /found 1 SAE; expected at least two/,
    followed: '@= @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'SAEs of different input width cannot be compared',
    files: {
      'a.safetensors': [plain, told],
      'b.safetensors': [{ 'encoder.weight': drawn(6, 5), 'decoder.weight': drawn(5, 6) }, told],
    },
    command: 'compare @a.safetensors @b.safetensors',
    advice: /found d_model 5; expected d_model 3, as in a\.safetensors/,
    followed: 'compare @a.safetensors @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'problem',
    files: {
      'a.safetensors': [plain, told],
      'b.safetensors': [{ 'encoder.weight': drawn(6, d), 'decoder.weight': drawn(d, 6) }, told],
    },
    command: 'compare @a.safetensors @a.safetensors --init @a.safetensors @b.safetensors',
    advice: /initial weights have another shape than the trained ones; found \[6 × 3\]/,
    followed: 'compare @a.safetensors @a.safetensors --init @a.safetensors @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'they are not row by row of the same as the activations',
    files: { ...withX(plain), 'y.safetensors': [{ y: drawn(5, d) }] },
    command: `${onX} --architecture relu --transcoder --targets @y.safetensors`,
    advice: /found 5 rows; expected 40/,
    mended: { 'y.safetensors': [{ y: drawn(40, d) }] },
    outcome: encoded,
  },
  {
    problem: 'they are not what this transcoder writes',
    files: { ...withX(plain), 'y.safetensors': [{ y: drawn(40, 7) }] },
    command: `${onX} --architecture relu --transcoder --targets @y.safetensors`,
    advice: /found \[40 × 7\]; expected \[40 × 3\]/,
    mended: { 'y.safetensors': [{ y: drawn(40, d) }] },
    outcome: encoded,
  },
  {
    problem: 'they are of another width than what the SAE reads',
    files: { 'a.safetensors': [plain, told], 'x.safetensors': [{ x: drawn(9, 5) }] },
    command: onX,
    advice: /found \[9 × 5\]; expected \[9 × 3\]/,
    mended: { 'x.safetensors': [x] },
    outcome: encoded,
  },
  {
    problem: 'activations are for an SAE to encode',
    files: { 'a.safetensors': [plain, told], 'x.safetensors': [x] },
    command: 'inspect @x.safetensors --activations @x.safetensors',
    advice: /x\.safetensors, which holds activations/,
    followed: onX,
    outcome: encoded,
  },
  {
    problem: 'it holds no file of weights',
    files: { 'empty/notes.txt': '' },
    command: 'inspect @empty',
    advice: /expected checkpoints of SAEs, in it or in folders within it/,
    mended: { 'empty/a/sae.safetensors': [plain, told] },
    outcome: /1 SAE/,
  },
  {
    problem: 'the folder holds too many files to list',
    files: {
      ...Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`many/${i}.pt`, ''])),
      'many/below/a.safetensors': [plain, told],
    },
    command: 'inspect @many',
    advice: /found more than 10000 files of weights; expected a folder further down/,
    followed: 'inspect @many/below',
    outcome: read,
  },
];

function openmoss(norm: string) {
  const common = {
    d_model: d,
    expansion_factor: features / d,
    d_sae: features,
    act_fn: 'relu',
    norm_activation: norm,
  };
  return { ...common, hook_point_in: 'blocks.1.hook_resid_post' };
}

async function write(folder: string, files: Files): Promise<void> {
  const named = Object.entries(files).map(([name, content]) => [join(folder, name), content] as const);
  for (const at of new Set(named.map(([file]) => dirname(file)))) await mkdir(at, { recursive: true });
  await Promise.all(named.map(([file, content]) => writeFile(file, bytesOf(content))));
}

function bytesOf(content: Files[string]): string | Uint8Array {
  if (typeof content === 'string' || content instanceof Uint8Array) return content;
  return 'json' in content ? JSON.stringify(content.json) : encodeSafetensors(...content);
}

const before = process.cwd();
beforeAll(async () => {
  Object.assign(process.env, environment);
  process.chdir(await installed('onnxruntime-node', '@huggingface/tokenizers'));
});
afterAll(() => process.chdir(before));

/** A command in this process: what it prints, and the message of what it throws. */
async function run(folder: string, line: string): Promise<{ printed: string; message: string }> {
  const args = line.split(' ').map((one) => one.replace(/@(?=[\w/]|$)/g, `${folder}/`).replace('%', peers));
  const program = new Command('reseed');
  for (const command of [
    compareCommand(),
    consensusCommand(),
    inspectCommand(),
    convertCommand(),
    harvestCommand(),
  ])
    program.addCommand(command.exitOverride());
  let printed = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    }),
  );
  const extras: Readonly<Record<string, readonly string[]>> = {
    compare: ['--draws', '2', '--threads', '1'],
    consensus: ['--no-cache', '--threads', '1'],
  };
  const extra = extras[args[0]] ?? [];
  try {
    await program.exitOverride().parseAsync([...args, ...extra], { from: 'user' });
    return { printed, message: '' };
  } catch (error) {
    return { printed, message: (error as Error).message };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const longest = (parts: readonly string[]) => parts.reduce((a, b) => (a.length >= b.length ? a : b));

it.each(cases.map((one) => [one.problem, one.command, one] as const))('%s: %s', async (_, __, one) => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-advice-'));
  try {
    await write(folder, one.files);
    const first = await run(folder, one.command);
    const refusal = first.message || /^No SAE: .*/ms.exec(first.printed)?.[0].replace(/\s+/g, ' ') || '';
    if (one.problem !== 'problem' && one.problem !== 'message')
      expect(refusal).toContain(longest(one.problem.split('…')));
    expect(refusal).toMatch(one.advice);
    await write(folder, one.mended ?? {});
    if (one.removed) await rm(join(folder, one.removed), { recursive: true });
    const { printed, message } = await run(folder, (one.followed ?? '@=').replace('@=', one.command));
    expect(message).toBe('');
    expect(printed).toMatch(one.outcome);
  } finally {
    await rm(folder, { recursive: true });
  }
});

interface InMemory {
  readonly problem: string;
  readonly written: Written;
  readonly advice: RegExp;
  /** What is written as the advice says, or stated. */
  readonly mended?: Partial<Written>;
  readonly stated?: Stated;
}

const ofHusai = {
  'model_state_dict/encoder.weight': [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  'model_state_dict/encoder.bias': [0, 0, 0],
  'model_state_dict/decoder.weight': [
    [1, 0, 1],
    [0, 1, 1],
  ],
};
const husai = { d_model: 2, d_sae: 3, k: 2 };
const router = (groups: number) => ({
  'routing/router_state_dict/weight': Array.from({ length: groups }, () => [1, 0]),
  'routing/router_state_dict/bias': Array.from({ length: groups }, () => 0),
});
const small: Readonly<Record<string, Values>> = {
  'encoder.weight': [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  'encoder.bias': [0, 0, 0],
  'decoder.weight': [
    [1, 0, 1],
    [0, 1, 1],
  ],
};
const under = (prefix: string) =>
  Object.fromEntries(Object.entries(small).map(([name, value]) => [prefix + name, value]));
const pt = { file: '/a.pt', format: 'torch' } as const;

/** What stands beside tensors in a PyTorch file, which nothing here writes. */
const inMemory: readonly InMemory[] = [
  {
    problem: 'the tensor k is another',
    written: {
      ...pt,
      tensors: { ...small, b_dec: [0, 0], k: 2, threshold: -1 },
      configs: { 'config.json': { trainer: { dict_class: 'AutoEncoderTopK', k: 1 } } },
    },
    advice: /trainer\.k: .*found 1; expected 2/,
    mended: { configs: { 'config.json': { trainer: { dict_class: 'AutoEncoderTopK', k: 2 } } } },
  },
  {
    problem: 'the tensor k is another',
    written: { ...pt, tensors: { ...classes(), 'model_state_dict/k': 2 }, values: { ...husai, k: 1 } },
    advice: /found 1; expected 2/,
    mended: { values: husai },
  },
  {
    problem: 'HUSAI has no such model',
    written: { ...pt, tensors: ofHusai, values: { ...husai, architecture: 'jumprelu' } },
    advice: /expected topk, relu, batchtopk, matryoshka or routed_topk/,
    mended: { values: { ...husai, architecture: 'topk' } },
  },
  {
    problem: 'it has more groups than features',
    written: {
      ...pt,
      tensors: { ...ofHusai, ...router(4) },
      values: { ...husai, architecture: 'routed_topk' },
    },
    advice: /found 4; expected at most 3/,
    mended: { tensors: { ...ofHusai, ...router(3) } },
  },
  {
    problem: 'the biases of a backup are in units that are not in the file',
    written: {
      ...pt,
      tensors: { ...under('ae/'), 'ae/bias': [0, 0] },
      values: { step: 7, config: { dict_class: 'AutoEncoder' } },
    },
    advice: /norm_factor: .*expected a positive number/,
    mended: { values: { step: 7, config: { dict_class: 'AutoEncoder' }, norm_factor: 2 } },
  },
  ...['ReLU', 'Tanh'].map((postact_fn, i): InMemory => {
    const activation_state_dict = { k: 2, postact_fn };
    return {
      problem: 'how it turns pre-activations into codes cannot be told',
      written: {
        ...pt,
        tensors: {
          'encoder.weight': small['encoder.weight'],
          'decoder.weight': small['decoder.weight'],
          pre_bias: [0, 0],
          latent_bias: [0, 0, 0],
        },
        values: { activation: i === 0 ? 'GELU' : 'TopK', activation_state_dict },
      },
      advice: i === 0 ? /activation: .*expected ReLU or TopK/ : /postact_fn: .*expected ReLU or Identity/,
      mended: { values: { activation: 'TopK', activation_state_dict: { k: 2, postact_fn: 'Identity' } } },
    };
  }),
  {
    problem: 'they are an object of another tool',
    written: { ...pt, tensors: under('state_dict/'), values: { cfg: { __class__: 'tool.Config', k: 2 } } },
    advice: /found tool\.Config; expected a dict, or --ignore cfg and flags/,
    stated: { ignore: ['cfg'], architecture: 'relu' },
  },
];

function classes(): Readonly<Record<string, Values>> {
  const encoder = [
    [1, 0, 1],
    [0, 1, 1],
  ];
  const decoder = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  return {
    'model_state_dict/W_enc': encoder,
    'model_state_dict/b_enc': [0, 0, 0],
    'model_state_dict/W_dec': decoder,
    'model_state_dict/b_dec': [0, 0],
  };
}

it.each(inMemory.map((one) => [one.problem, one] as const))('%s', async (problem, {
  written,
  advice,
  mended,
  stated,
}) => {
  const refusal = await readSae(await checkpointOf(written)).catch((error: Error) => error.message);
  expect(refusal).toContain(problem);
  expect(refusal).toMatch(advice);
  const { sae } = await readSae({
    ...(await checkpointOf({ ...written, ...mended })),
    ...(stated ? { stated } : {}),
  });
  expect(sae.decoder).toMatchObject({ rows: 3, cols: 2 });
});

/** What no command can bring about, or nothing can be done about. */
const ofNoCommand = [
  // Packages that are not there, or cannot be loaded: tests/cli/harvest.test.ts.
  '… needs a package that is not installed',
  'it is installed and cannot be loaded',
  // Of a tensor that was found before, and a column of Parquet: tests/activations/onnx.
  'the model computes no tensor of that name',
  'the model gives a tensor of another shape',
  'it is not a text',
  // Calls of the library.
  'it has no such rows',
  'two SAEs have one id',
  'activations and codes must have the same rows',
  'this SAE cannot be decoded from its codes alone',
  'how this SAE encodes is not in its files',
  // A damaged file, too little memory, and a file that is written while it is read.
  'it claims more rows than can be told apart',
  'it claims more values than its file holds',
  'they do not fit into memory',
  'it changed while it was read',
  // A line of `inspect FOLDER`, and no refusal.
  'activations, which inspect shows by themselves',
];

it('knows every message', async () => {
  const src = new URL('../../src/', import.meta.url).pathname;
  const files = [
    ...(await readdir(`${src}sae`, { recursive: true })).map((name) => `sae/${name}`),
    ...['path', 'rows', 'tensor'].map((name) => `activations/activation-${name}.ts`),
    ...['shard-reader', 'tokens', 'read-blocks'].map((name) => `activations/${name}.ts`),
    'formats/read-parquet.ts',
    ...(await readdir(`${src}compare`, { recursive: true })).map((name) => `compare/${name}`),
    ...(await readdir(`${src}activations/onnx`)).map((name) => `activations/onnx/${name}`),
    ...[
      'compare',
      'consensus',
      'given-saes',
      'inspect',
      'convert',
      'harvest',
      'sae-argument',
      'stated-options',
    ].map((name) => `cli/${name}.ts`),
  ].filter((name) => name.endsWith('.ts'));
  const text = `'((?:[^'\\\\]|\\\\.)+)'|\`([^\`]+)\``;
  // A problem stands in the error itself, in a constant of that name, or is what a file's own function is given.
  const places = [
    new RegExp(`ReseedError\\(\\s*'[\\w.-]+',\\s*(?:${text})`, 'g'),
    new RegExp(`const problem =\\s*(?:${text})`, 'g'),
    /notEncoded\([^;]*?,\s*'(how [^']+)'/g,
    new RegExp(`fail\\((?:${text})`, 'g'),
    /refuse\(\s*(?:tensors\.)?file,[^;]*?,\s*'((?:they|it|what) [^']+)'/g,
  ];
  const found = new Set<string>();
  for (const name of files) {
    const source = await readFile(join(src, name), 'utf8');
    for (const place of places)
      for (const [, plainly, filled] of source.matchAll(place))
        found.add(plainly ?? filled.replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '…'));
  }
  const known = new Set([
    ...cases.map((one) => one.problem),
    ...inMemory.map((one) => one.problem),
    ...ofNoCommand,
  ]);
  expect(found.size).toBeGreaterThan(70);
  expect([...found].filter((one) => !known.has(one))).toEqual([]);
  expect([...known].filter((one) => !found.has(one) && !['problem', 'message'].includes(one))).toEqual([]);
});

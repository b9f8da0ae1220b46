// Takes hidden states of an ONNX language model on a text: shards of activations, and the token of each row beside them.
//
// The folder has activations-00000.safetensors and so on, each with the rows of so many sequences and one tensor a site;
// tokens.parquet; and harvest.json, which says what they were made of. Every file is written whole or not at all, and sequences are
// batched alike whatever was there before, so a run that was killed goes on and ends with the same bytes.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { fileError, isTemporary, removeTemporaries, writeFileAtomic } from '../../formats/atomic-write.js';
import { hashOfFile } from '../../formats/hash-of-file.js';
import { encodeParquet, type ParquetValue } from '../../formats/parquet.js';
import { encodeSafetensors } from '../../formats/safetensors.js';
import type { Tensor } from '../../formats/tensor.js';
import { narrowToFloat16, widenFloat16 } from '../../tensor/dtype.js';
import { tokenColumns, tokenFiles } from '../tokens.js';
import { type Context, contextsOf } from './contexts.js';
import { type CutModel, cutModel } from './cut.js';
import { feedsOf } from './feeds.js';
import { type OnnxModel, parseModel } from './graph.js';
import { modelFiles } from './model-folder.js';
import type { Output, Runtime, Session } from './runtime.js';
import type { Sites, Tensor3 } from './sites.js';
import { tensorMeant, tensorsOf } from './tensors.js';
import { defaultColumn, textsIn } from './text.js';
import type { Tokenizer } from './tokenizer.js';

export interface HarvestSettings {
  /** Names of tensors of the graph, or of sites: blocks.6.hook_resid_post. */
  readonly tensors: readonly string[];
  /** Tokens of a sequence. */
  readonly context: number;
  /** Sequences that the model reads at once. */
  readonly batch: number;
  /** Sequences at the most; all that the text fills where absent. */
  readonly contexts?: number;
  readonly keepSeparators: boolean;
  /** Key of .jsonl, column of .parquet. */
  readonly column?: string;
  readonly float16: boolean;
  /** Rows of a shard, about. */
  readonly shardRows: number;
}

export interface HarvestOptions extends HarvestSettings {
  readonly model: OpenModel;
  readonly text: string;
  /** The folder that is written. */
  readonly to: string;
  readonly tokenizer: Tokenizer;
  readonly signal?: AbortSignal;
  /** How much is done, in [0, 1], and how many rows; `kept` where they were there already. */
  readonly onProgress?: (share: number, rows: number, kept: boolean) => void;
}

export interface Harvested {
  readonly rows: number;
  readonly contexts: number;
  readonly width: number;
  readonly shards: number;
}

/** A model that has been read, and can be run. */
export interface OpenModel {
  readonly model: OnnxModel;
  readonly runtime: Runtime;
  /** The folder that its files of weights lie in. */
  readonly folder: string;
  readonly tokenizerFile: string;
  readonly threads: number;
  readonly tensors: readonly Tensor3[];
  readonly sites: Sites;
}

/** @throws input.file, input.format */
export async function openModel(
  path: string,
  {
    runtime,
    tokenizer,
    threads,
  }: { readonly runtime: Runtime; readonly tokenizer?: string; readonly threads: number },
): Promise<OpenModel> {
  const files = await modelFiles(path, tokenizer);
  const bytes = await readFile(files.graph).catch((cause) => {
    throw fileError(files.graph, 'read', cause);
  });
  const model = parseModel(bytes, files.graph);
  const folder = dirname(files.graph);
  const found = await tensorsOf(model, runtime, { folder, threads });
  return { model, runtime, folder, tokenizerFile: files.tokenizer, threads, ...found };
}

const record = 'harvest.json';
const schema = 'reseed/harvest/1';
const [tokensFile] = tokenFiles;

/**
 * Goes on from what an earlier run left in the folder.
 * @throws usage.argument for a tensor that is not there; input.file where the folder holds something else; input.shape where the
 * text fills no sequence; input.non-finite; internal.cancelled
 */
export async function harvest(options: HarvestOptions): Promise<Harvested> {
  const { model, to, tensors: asked, batch, signal } = options;
  const tensors = asked.map((name) => tensorMeant(name, model, model.model.file));
  const cut = cutModel(
    model.model,
    tensors.map(({ name }) => name),
  );
  const perShard = Math.max(1, Math.round(options.shardRows / (options.context * batch))) * batch;
  const made = await madeOf(options, cut, tensors, perShard);
  const before = await openFolder(to, made);
  const done = await shardsIn(to);
  // Files that somebody has removed since are made again.
  if (before && done === before.shards && (await stat(join(to, tokensFile)).catch(() => undefined)))
    return before;
  const { folder, runtime, threads } = model;
  const session = await runtime.open({ ...cut, file: model.model.file, folder, threads });
  try {
    const shards = new Shards(options, cut, tensors, session);
    let [contexts, rows, shard] = [0, 0, 0];
    let group: Context[] = [];
    const finish = async () => {
      const isThere = shard < done;
      if (!isThere) await shards.write(join(to, shardName(shard)), group, rows);
      rows += group.reduce((sum, { kept }) => sum + kept.length, 0);
      options.onProgress?.(shareOf(options, group[group.length - 1].share, contexts), rows, isThere);
      group = [];
      shard++;
    };
    for await (const context of contextsIn(options)) {
      throwIfCancelled(signal);
      group.push(context);
      contexts++;
      if (group.length === perShard) await finish();
    }
    if (group.length > 0) await finish();
    if (rows === 0) throw await tooShort(options);
    await writeFileAtomic(join(to, tokensFile), encodeParquet(tokenColumns, tokenRows(options)));
    const harvested = { rows, contexts, width: tensors[0].width, shards: shard };
    await writeRecord(to, { ...made, harvested });
    return harvested;
  } finally {
    await session.close();
  }
}

function shardName(shard: number): string {
  return `activations-${String(shard).padStart(5, '0')}.safetensors`;
}

async function* contextsIn(options: HarvestOptions): AsyncGenerator<Context> {
  const {
    text,
    column,
    tokenizer,
    context: length,
    keepSeparators,
    contexts = Number.POSITIVE_INFINITY,
  } = options;
  let count = 0;
  for await (const one of contextsOf(textsIn(text, column), tokenizer, { length, keepSeparators })) {
    if (count++ === contexts) return;
    yield one;
  }
}

/** Of what is to be done: of the text, or of the sequences that are wanted. */
function shareOf({ contexts }: HarvestOptions, share: number, done: number): number {
  return contexts === undefined ? share : Math.max(share, done / contexts);
}

/** Runs the model on the sequences of a shard, and writes their rows. */
class Shards {
  constructor(
    private readonly options: HarvestOptions,
    private readonly cut: CutModel,
    private readonly tensors: readonly Tensor3[],
    private readonly session: Session,
  ) {}

  /** @param begin rows before these, for messages */
  async write(path: string, contexts: readonly Context[], begin: number): Promise<void> {
    const { batch, float16, tensors: asked, signal } = this.options;
    const rows = contexts.reduce((sum, { kept }) => sum + kept.length, 0);
    const all = this.tensors.map(({ width }) => new Float32Array(rows * width));
    let at = 0;
    for (let from = 0; from < contexts.length; from += batch) {
      throwIfCancelled(signal);
      const part = contexts.slice(from, from + batch);
      const states = await this.#run(part);
      for (const [t, { width }] of this.tensors.entries()) {
        let row = at;
        for (const [i, { kept, ids }] of part.entries()) {
          for (const position of kept) {
            const first = (i * ids.length + position) * width;
            all[t].set(states[t].subarray(first, first + width), row++ * width);
          }
        }
      }
      at += part.reduce((sum, { kept }) => sum + kept.length, 0);
    }
    const stored = this.tensors.map(({ width }, t): [string, Tensor] => {
      const shape = [rows, width];
      requireFinite(all[t], width, begin, asked[t], this.options);
      if (!float16) return [asked[t], { shape, data: all[t] }];
      return [
        asked[t],
        { shape, data: narrowed(all[t], width, begin, asked[t], this.options), dtype: 'F16' },
      ];
    });
    await writeFileAtomic(path, encodeSafetensors(Object.fromEntries(stored)));
  }

  /** Of each tensor its rows [batch · length × d]. */
  async #run(contexts: readonly Context[]): Promise<Float32Array[]> {
    const { model } = this.options.model;
    const { context: length } = this.options;
    const ids = new Int32Array(contexts.length * length);
    for (const [i, one] of contexts.entries()) ids.set(one.ids, i * length);
    const names = this.tensors.map(({ name }) => name);
    const found = await this.session.run(feedsOf(model, this.cut.inputs, ids, contexts.length), names);
    return this.tensors.map(({ name, width }) =>
      valuesOf(found[name], [contexts.length, length, width], model.file, name),
    );
  }
}

function valuesOf(
  { dims, data }: Output,
  shape: readonly number[],
  file: string,
  name: string,
): Float32Array {
  if (dims.join() !== shape.join()) {
    throw new ReseedError('input.shape', 'the model gives a tensor of another shape', {
      file,
      field: `tensor ${name}`,
      found: `[${dims.join(' × ')}]`,
      expected: `[${shape.join(' × ')}]`,
    });
  }
  if (data instanceof Float32Array) return data;
  if (!(data instanceof Uint16Array)) return Float32Array.from(data as ArrayLike<number>);
  const out = new Float32Array(data.length);
  widenFloat16(data, out);
  return out;
}

function requireFinite(
  values: Float32Array,
  width: number,
  begin: number,
  tensor: string,
  { model }: HarvestOptions,
): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  throw new ReseedError('input.non-finite', 'the model gives values that are not finite', {
    file: model.model.file,
    field: `tensor ${tensor}, row ${begin + Math.floor(wrong / width)}, column ${wrong % width}`,
    found: String(values[wrong]),
  });
}

function narrowed(
  values: Float32Array,
  width: number,
  begin: number,
  tensor: string,
  { model }: HarvestOptions,
): Uint16Array {
  const bits = narrowToFloat16(values);
  const wrong = bits.findIndex((one) => (one & 0x7fff) === 0x7c00);
  if (wrong < 0) return bits;
  throw new ReseedError('input.non-finite', 'a value is too large for float16', {
    file: model.model.file,
    field: `tensor ${tensor}, row ${begin + Math.floor(wrong / width)}, column ${wrong % width}`,
    found: String(values[wrong]),
    expected: 'at most 65504; no --float16',
  });
}

/** Rows of tokens that are written at once. */
const tokensPerGroup = 65_536;

async function* tokenRows(options: HarvestOptions): AsyncGenerator<ParquetValue[][]> {
  let columns: ParquetValue[][] = [[], [], []];
  for await (const { ids, documents, kept } of contextsIn(options)) {
    for (const position of kept) {
      columns[0].push(documents[position]);
      columns[1].push(position);
      columns[2].push(options.tokenizer.textOf(ids[position]));
    }
    if (columns[0].length < tokensPerGroup) continue;
    yield columns;
    columns = [[], [], []];
  }
  yield columns;
}

async function tooShort(options: HarvestOptions): Promise<ReseedError> {
  let tokens = 0;
  for await (const { text } of textsIn(options.text, options.column))
    tokens += options.tokenizer.encode(text).length;
  const least = options.context - (options.tokenizer.separator === undefined ? 0 : 1);
  return new ReseedError('input.shape', 'the text fills no sequence', {
    file: options.text,
    found: `${tokens} tokens`,
    expected: `at least ${least}, or a smaller --context`,
  });
}

/** What the bytes of a harvest depend on. */
async function madeOf(options: HarvestOptions, cut: CutModel, tensors: readonly Tensor3[], perShard: number) {
  const { model, text, tokenizer, column = defaultColumn } = options;
  const external: Record<string, string> = {};
  for (const name of cut.external) external[name] = await hashOfFile(join(model.folder, name));
  return {
    schema,
    model: {
      file: basename(model.model.file),
      graph: createHash('sha256').update(cut.bytes).digest('hex'),
      ...(cut.external.length > 0 ? { external } : {}),
      tokenizer: await hashOfFile(model.tokenizerFile),
      runtime: model.runtime.name,
    },
    text: { file: basename(text), content: await hashOfFile(text), column },
    tensors: Object.fromEntries(options.tensors.map((asked, t) => [asked, tensors[t].name])),
    context: options.context,
    batch: options.batch,
    contexts: options.contexts ?? 'all',
    contextsPerShard: perShard,
    separator: tokenizer.separator === undefined ? 'none' : tokenizer.textOf(tokenizer.separator),
    keepSeparators: options.keepSeparators,
    dtype: options.float16 ? 'F16' : 'F32',
  };
}

type Made = Awaited<ReturnType<typeof madeOf>>;

function writeRecord(to: string, value: Made & { readonly harvested?: Harvested }): Promise<void> {
  return writeFileAtomic(join(to, record), `${JSON.stringify(value, null, 2)}\n`);
}

/** What a finished run has left. @throws input.file where the folder is another harvest's, or holds other files */
async function openFolder(to: string, made: Made): Promise<Harvested | undefined> {
  await mkdir(to, { recursive: true }).catch((cause) => {
    throw fileError(to, 'write', cause);
  });
  await removeTemporaries(to);
  const found = await readFile(join(to, record), 'utf8').catch(() => undefined);
  if (found === undefined) {
    const others = (await readdir(to)).filter((name) => !name.startsWith('.') && !isTemporary(name));
    if (others.length === 0) {
      await writeRecord(to, made);
      return undefined;
    }
    throw new ReseedError('input.file', 'the folder holds other files', {
      file: to,
      found: others.slice(0, 3).join(', '),
      expected: 'a new folder, or one that harvest has begun',
    });
  }
  const { harvested, ...earlier } = parsed(found);
  const differing = [...new Set([...Object.keys(made), ...Object.keys(earlier)])].find(
    (key) => JSON.stringify(made[key as keyof Made]) !== JSON.stringify(earlier[key]),
  );
  if (differing === undefined) return harvested;
  throw new ReseedError('input.file', 'the folder holds another harvest', {
    file: to,
    field: differing,
    found: JSON.stringify(earlier[differing]) ?? 'nothing',
    expected: `${JSON.stringify(made[differing as keyof Made]) ?? 'nothing'}, or another --to`,
  });
}

function parsed(text: string): Record<string, unknown> & { readonly harvested?: Harvested } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Shards that an earlier run has written; they were written in their order. */
async function shardsIn(to: string): Promise<number> {
  for (let shard = 0; ; shard++)
    if (!(await stat(join(to, shardName(shard))).catch(() => undefined))) return shard;
}

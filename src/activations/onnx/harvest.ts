// Takes hidden states of an ONNX language model on a text: shards of activations, and the token of each row beside them.
//
// The folder has activations-00000.safetensors and so on, each with the rows of so many sequences and one tensor a site;
// tokens.parquet; and harvest.json, which says what they were made of. Every file is written whole or not at all, and sequences are
// batched alike whatever was there before, so a run that was killed goes on and ends with the same bytes.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { writeFileAtomic } from '../../formats/atomic-write.js';
import { hashOfFile } from '../../formats/hash-of-file.js';
import { encodeParquet, type ParquetValue } from '../../formats/parquet.js';
import { tokenColumns, tokenFiles } from '../tokens.js';
import { type Context, contextsOf } from './contexts.js';
import { type CutModel, cutModel } from './cut.js';
import {
  type Harvested,
  lockHarvest,
  type Made,
  openFolder,
  shardName,
  shardsIn,
  writeRecord,
} from './harvest-folder.js';
import type { OpenModel } from './open-model.js';
import { ShardWriter } from './shard-writer.js';
import type { Tensor3 } from './sites.js';
import { tensorMeant } from './tensors.js';
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
  /** Positions at the beginning of each sequence whose rows are not taken. */
  readonly dropFirst: number;
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

const [tokensFile] = tokenFiles;

/**
 * Goes on from what an earlier run left in the folder.
 * @throws usage.argument for a tensor that is not there, or where no position is left; input.file where the folder holds something else; input.shape where the
 * text fills no sequence; input.locked while another process writes the folder; input.non-finite; internal.cancelled
 */
export async function harvest(options: HarvestOptions): Promise<Harvested> {
  requirePositions(options);
  const unlock = await lockHarvest(options.to);
  try {
    return await harvestInto(options);
  } finally {
    await unlock();
  }
}

function requirePositions({ dropFirst, context }: HarvestSettings): void {
  if (dropFirst < context) return;
  throw new ReseedError('usage.argument', 'no position of a sequence would be left', {
    field: '--drop-first',
    found: String(dropFirst),
    expected: `at most ${context - 1}, or a larger --context`,
  });
}

async function harvestInto(options: HarvestOptions): Promise<Harvested> {
  const { model, to, tensors: asked, batch, signal } = options;
  const tensors = asked.map((name) => tensorMeant(name, model, model.model.file));
  // One tensor may have two names: a block reads what the one before it passes on.
  const cut = cutModel(model.model, [...new Set(tensors.map(({ name }) => name))]);
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
    const { inputs } = cut;
    const taking = { model: model.model, inputs, tensors, asked, batch, float16: options.float16, signal };
    const shards = new ShardWriter(taking, session);
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

async function* contextsIn(options: HarvestOptions): AsyncGenerator<Context> {
  const {
    text,
    column,
    tokenizer,
    context: length,
    keepSeparators,
    dropFirst,
    contexts = Number.POSITIVE_INFINITY,
  } = options;
  let count = 0;
  const taken = { length, keepSeparators, dropFirst };
  for await (const one of contextsOf(textsIn(text, column), tokenizer, taken)) {
    if (count++ === contexts) return;
    yield one;
  }
}

/** Of what is to be done: of the text, or of the sequences that are wanted. */
function shareOf({ contexts }: HarvestOptions, share: number, done: number): number {
  return contexts === undefined ? share : Math.max(share, done / contexts);
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
async function madeOf(
  options: HarvestOptions,
  cut: CutModel,
  tensors: readonly Tensor3[],
  perShard: number,
): Promise<Made> {
  const { model, text, tokenizer, column = defaultColumn } = options;
  const external: Record<string, string> = {};
  for (const name of cut.external) external[name] = await hashOfFile(join(model.folder, name));
  return {
    schema: 'reseed/harvest/1',
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
    ...(options.dropFirst > 0 ? { dropFirst: options.dropFirst } : {}),
    dtype: options.float16 ? 'F16' : 'F32',
  };
}

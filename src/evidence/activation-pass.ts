// All that is taken from the activations of a group, in one pass over blocks of their rows: codes and fit of every SAE, how often
// each feature fires, and what the rows are like. So there may be more rows than memory holds.
//
// Firing, fit and the description are of all rows. Codes are of all rows while they fit a budget (kept-codes.ts), and else of the
// rows that a stride divides. Blocks of any size give the same bytes.
import type { ActivationRows } from '../activations/activation-rows.js';
import { eachBlockOfRows } from '../activations/chosen-rows.js';
import { BlockReader } from '../activations/read-blocks.js';
import type { Tokens } from '../activations/tokens.js';
import { ReseedError, throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { encode } from '../sae/encode.js';
import type { Fit } from '../sae/fit.js';
import { dModel, dSae, type Sae } from '../sae/sae.js';
import { sideBySide, together } from '../side-by-side.js';
import { ColumnMoments, shiftOf } from '../stats/column-moments.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { codeBudget, KeptCodes } from './kept-codes.js';
import { everyNthRow, type OfOthers, PassingMember } from './passing-member.js';
import { addSlices, RowDescriber, type RowDescription } from './row-description.js';

/** An SAE that encodes the activations of its group. */
export interface PassMember {
  readonly id: string;
  readonly sae: Sae;
  /** Where it does not read the group's: activations of its own, row by row of the same as theirs. */
  readonly own?: ActivationRows;
  /** The SAE before training, of which the same codes are made. */
  readonly untrained?: Sae;
  /** Codes of all rows, where they are known. */
  readonly codes?: SparseCodes;
}

export interface PassOptions extends WorkOptions {
  /** Called with the share of the rows that has been done. */
  readonly onProgress?: (share: number) => void;
  /** Where the activations come from, for messages. */
  readonly file?: string;
  /** What transcoders should write [N×d′], row by row of the same. */
  readonly targets?: ActivationRows;
  /** One a row. */
  readonly tokens?: Tokens;
  /** Bytes that the codes of all SAEs together may take; 1 GiB. Which rows are kept depends on it, so it is no setting. */
  readonly codeBudget?: number;
  /** Rows of a block, rounded up to a multiple of 256; nothing that is returned depends on it. */
  readonly blockRows?: number;
}

export interface PassedMember {
  readonly id: string;
  /** Codes [codeRows × F] */
  readonly codes: SparseCodes;
  /** [F] on how many of all rows each feature fires */
  readonly firing: Int32Array;
  /** Codes before training [codeRows × F]. */
  readonly untrained?: SparseCodes;
  /** On all rows; of a transcoder only where it is known what it should write. */
  readonly fit?: Fit;
  /** On how many of the rows without massive ones each feature fires, and the fit on those, where there are massive rows. */
  readonly ordinary?: OfOthers;
  /** The same of the rows without massive ones and those that are set apart by where they stand, where there are such. */
  readonly elsewhere?: OfOthers;
}

export interface ActivationPass {
  readonly members: readonly PassedMember[];
  readonly data: RowDescription;
  /** Rows of the codes: row n of them is row n·stride of the activations. */
  readonly codeRows: number;
  readonly stride: number;
}

/** Of a block: rows and values at the most, and what its rows are a multiple of. */
const blocks = { rows: 8192, values: 2 ** 23, multiple: 256 };

/**
 * Passes once over the rows of X [N×d], and of each member's own.
 * @throws input.shape when activations, SAEs or codes do not fit together; input.non-finite naming row and column;
 * input.file, input.format; internal.cancelled
 */
export async function passOverActivations(
  x: ActivationRows,
  members: readonly PassMember[],
  kernel: Kernel,
  options: PassOptions = {},
): Promise<ActivationPass> {
  const { signal, file, onProgress, targets, tokens, codeBudget: budget = codeBudget } = options;
  const work = signal ? { signal } : {};
  requireFitting(x, members, file);
  if (targets) requireTargets(x, members, targets);
  const rows = blockRows(
    [x, ...members.flatMap(({ own }) => own ?? []), ...(targets ? [targets] : [])],
    options.blockRows,
  );
  const main = new BlockReader(x, { rows, file });
  const others = otherSources(members, targets, rows);
  const targetOf = ({ sae, own }: PassMember) => (sae.transcoder ? targets : (own ?? x));
  const passing = members.map((member) => ({ member, passes: new PassingMember(member, kernel) }));
  const bytes = () => passing.reduce((sum, { passes }) => sum + passes.bytes, 0);
  let describer: RowDescriber | undefined;
  let stride = 1;
  try {
    for (let from = 0; from < x.rows; ) {
      throwIfCancelled(signal);
      const block = await main.next();
      const read = new Map([[x, block]]);
      for (const { source, reader } of others.values()) read.set(source, await reader.next());
      describer ??= new RowDescriber(x, shiftOf(block), kernel, tokens);
      const encoding = async () => {
        await sideBySide(passing, 2, ({ member, passes }) => {
          const target = targetOf(member);
          return passes.add(
            read.get(member.own ?? x) ?? block,
            from,
            stride,
            work,
            target && read.get(target),
          );
        });
      };
      // Rows are described on this thread while the kernel's threads encode them. All end before the next block is read.
      await together(
        encoding(),
        describer.add(block, work),
        ...Array.from(others.values(), (other) => other.add(read.get(other.source) ?? block, work)),
      );
      while (bytes() > budget && stride < x.rows) {
        for (const { passes } of passing) await passes.halve();
        stride *= 2;
      }
      from += block.rows;
      onProgress?.(from / x.rows);
    }
  } finally {
    await main.settle();
    for (const { reader } of others.values()) await reader.settle();
  }
  return concluded(x, describer as RowDescriber, [...others.values()], { passing, targetOf, stride }, work);
}

interface PassedRows {
  readonly passing: readonly { readonly member: PassMember; readonly passes: PassingMember }[];
  /** What a member should write. */
  readonly targetOf: (member: PassMember) => ActivationRows | undefined;
  readonly stride: number;
}

/** What is known when all rows have been read. */
async function concluded(
  x: ActivationRows,
  described: RowDescriber,
  others: readonly OtherSource[],
  { passing, targetOf, stride }: PassedRows,
  work: WorkOptions,
): Promise<ActivationPass> {
  const data = await described.describe(stride, work);
  const moments = new Map([
    [x, described.moments],
    ...Array.from(others, (other) => [other.source, other.moments as ColumnMoments] as const),
  ]);
  const { massive, places } = data;
  const leave = (rows: Int32Array | undefined, of: typeof moments) =>
    rows ? withoutRows(rows, of, passing, x, targetOf, work) : undefined;
  const ordinary = await leave(massive?.rows, moments);
  const elsewhere = await leave(places?.apart?.rows, ordinary?.moments ?? moments);
  const passed: PassedMember[] = [];
  for (const [i, { member, passes }] of passing.entries()) {
    const target = targetOf(member);
    passed.push({
      id: member.id,
      ...(await passes.finish(target && moments.get(target))),
      ...(ordinary ? { ordinary: ordinary.told[i] } : {}),
      ...(elsewhere ? { elsewhere: elsewhere.told[i] } : {}),
    });
  }
  return { members: passed, data, codeRows: Math.ceil(x.rows / stride), stride };
}

/**
 * Codes of the rows of X that `stride` divides, as a pass keeps them, in a pass of their own.
 * @throws input.shape; input.non-finite; internal.cancelled
 */
export async function encodeEvery(
  stride: number,
  sae: Sae,
  x: ActivationRows,
  kernel: Kernel,
  { signal, file, onProgress, blockRows: height }: PassOptions = {},
): Promise<SparseCodes> {
  const reader = new BlockReader(x, { rows: blockRows([x], height), file });
  const kept = new KeptCodes(dSae(sae));
  try {
    for (let from = 0; from < x.rows; ) {
      throwIfCancelled(signal);
      const block = await reader.next();
      const rows = everyNthRow(block, from, stride);
      if (rows.rows > 0) kept.add(await encode(sae, rows, kernel, signal ? { signal } : {}));
      from += block.rows;
      onProgress?.(from / x.rows);
    }
  } finally {
    await reader.settle();
  }
  return kept.take();
}

/** Takes these rows, too, out of what members have summed: what is left of each source, and what members make of it. */
async function withoutRows(
  rows: Int32Array,
  moments: Map<ActivationRows, ColumnMoments>,
  passing: readonly { readonly member: PassMember; readonly passes: PassingMember }[],
  x: ActivationRows,
  targetOf: (member: PassMember) => ActivationRows | undefined,
  work: WorkOptions,
): Promise<{ moments: Map<ActivationRows, ColumnMoments>; told: OfOthers[] }> {
  const out = new Map(Array.from(moments, ([source, { shift }]) => [source, new ColumnMoments(shift)]));
  const sources = [...moments.keys()];
  await eachBlockOfRows(rows, sources, work, async (blocks, chosen) => {
    const read = new Map(sources.map((source, i) => [source, blocks[i]]));
    for (const [source, sums] of out) sums.add(read.get(source)!);
    for (const { member, passes } of passing) {
      const target = targetOf(member);
      await passes.leaveOut(read.get(member.own ?? x)!, chosen, work, target && read.get(target));
    }
  });
  const left = new Map(Array.from(moments, ([source, sums]) => [source, sums.without(out.get(source)!)]));
  const told = passing.map(({ member, passes }) => {
    const target = targetOf(member);
    return passes.ofOthers(target && left.get(target)) as OfOthers;
  });
  return { moments: left, told };
}

/** Activations that members read, or should write, instead of the group's. */
interface OtherSource {
  readonly source: ActivationRows;
  readonly reader: BlockReader;
  readonly moments: ColumnMoments | undefined;
  add(block: Matrix, work: WorkOptions): Promise<void>;
}

/** Each once, however many members read it. */
function otherSources(
  members: readonly PassMember[],
  targets: ActivationRows | undefined,
  rows: number,
): Map<ActivationRows, OtherSource> {
  const sources = new Map<ActivationRows, OtherSource>();
  const read = members.map(({ id, own }) => ({ own, field: `activations of ${id}` }));
  for (const { own, field } of [...read, { own: targets, field: 'targets' }]) {
    if (!own || sources.has(own)) continue;
    let moments: ColumnMoments | undefined;
    sources.set(own, {
      source: own,
      reader: new BlockReader(own, { rows, field }),
      get moments() {
        return moments;
      },
      add(block, work) {
        const sums = moments ?? new ColumnMoments(shiftOf(block));
        moments = sums;
        return addSlices(block, (part) => sums.add(part), work);
      },
    });
  }
  return sources;
}

function blockRows(sources: readonly ActivationRows[], asked: number | undefined): number {
  const widest = Math.max(1, ...sources.map(({ cols }) => cols));
  const rows = asked ?? Math.min(blocks.rows, Math.floor(blocks.values / widest));
  return Math.max(1, Math.ceil(rows / blocks.multiple)) * blocks.multiple;
}

function requireTargets(x: ActivationRows, members: readonly PassMember[], targets: ActivationRows): void {
  const wrong = members.find(({ sae }) => sae.transcoder && dModel(sae) !== targets.cols);
  if (targets.rows === x.rows && !wrong) return;
  throw new ReseedError('input.shape', 'these are not what the transcoders write', {
    field: wrong ? `targets, of ${wrong.id}` : 'targets',
    found: `[${targets.rows} × ${targets.cols}]`,
    expected: `[${x.rows} × ${wrong ? dModel(wrong.sae) : targets.cols}]`,
  });
}

function requireFitting(x: ActivationRows, members: readonly PassMember[], file: string | undefined): void {
  const where = file === undefined ? {} : { file };
  if (x.rows === 0) {
    const [found, expected] = [`[${x.rows} × ${x.cols}]`, 'at least one row'];
    throw new ReseedError('input.shape', 'there are no activations', { ...where, found, expected });
  }
  for (const { id, sae, own, codes } of members) {
    const read = own ?? x;
    const shape = (rows: number, cols: number, codeRows: number) =>
      `[${rows} × ${cols}]${codes ? `, ${codeRows} rows of codes` : ''}`;
    const found = shape(read.rows, read.cols, codes?.rows ?? 0);
    const expected = shape(x.rows, sae.encoder.cols, x.rows);
    if (found === expected) continue;
    throw new ReseedError('input.shape', 'activations and SAE do not fit together', {
      ...where,
      field: id,
      found,
      expected,
    });
  }
}

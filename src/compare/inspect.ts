// Finds out what a file or a folder is, reading no more of it than that takes.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findActivations } from '../activations/activation-path.js';
import { type ActivationRows, openActivations } from '../activations/activation-rows.js';
import { type ActivationParts, activationParts, canBeActivations } from '../activations/activation-tensor.js';
import { ReseedError } from '../errors.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import { valueCount } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type {
  ActivationsInspection,
  FolderInspection,
  InspectedFile,
  InspectedUsage,
  Inspection,
  OtherFile,
  SaeInspection,
  SaeSummary,
  TensorsInspection,
} from '../report/inspection.js';
import { type Checkpoint, openCheckpoint } from '../sae/checkpoint.js';
import { encode } from '../sae/encode.js';
import { findCheckpoints } from '../sae/find-checkpoints.js';
import { measureFit } from '../sae/fit.js';
import { settingsBeside } from '../sae/known-settings.js';
import { isKnownLayout, type OpenedSae, readSae } from '../sae/open-sae.js';
import { withoutMatrices } from '../sae/outline.js';
import { partsOf } from '../sae/parts.js';
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import type { Stated } from '../sae/stated.js';
import { deadByNorm, numerics, weightStatistics } from '../sae/weight-statistics.js';
import { distinctRows } from '../stats/distinct-rows.js';
import { mean } from '../stats/summary.js';
import { type Matrix, rowNorms, zeros } from '../tensor/matrix.js';
import { liveFeatures, meanActive } from '../tensor/sparse-codes.js';
import { patternOf } from './path-pattern.js';

export interface InspectOptions extends WorkOptions {
  /** Read weights however large they are. */
  readonly full?: boolean;
  /** Activations X [N×d] to see which features an SAE uses, and the kernel to encode them. */
  readonly usage?: {
    readonly x: Matrix;
    /** What a transcoder should write [N×d′], row by row of the same. */
    readonly targets?: Matrix;
    readonly kernel: Kernel;
  };
  /** What the files of an SAE may leave open. */
  readonly stated?: Stated;
}

/** Weights of more values than this are not read without being asked to: 512 MiB of float32. */
const mostValues = 2 ** 27;

/** Rows of activations that are looked at, in so many blocks over the file, and values in all at the most. */
const sampleRows = 4096;
const sampleBlocks = 16;
const sampleValues = 2 ** 21;

/** @throws input.file, input.format, input.shape; usage.argument for activations or targets that are not for the SAE; internal.cancelled */
export async function inspect(path: string, options: InspectOptions = {}): Promise<Inspection> {
  requireRowByRow(options.usage);
  const found = await stat(path).catch(() => undefined);
  if (!found) return inspectNamed(path, options);
  if (!found.isDirectory()) return inspectFile(path, options);
  const checkpoints = await findCheckpoints(path);
  // Where the folder itself holds all that there is, it is the SAE, as for `compare`.
  const [only] = checkpoints;
  return checkpoints.length === 1 && (await isIn(path, only))
    ? inspectFile(path, options)
    : inspectFolder(path, checkpoints, options);
}

/** Whether a checkpoint is the folder itself or a file in it, and not a folder below. */
async function isIn(folder: string, checkpoint: string): Promise<boolean> {
  const inside = (await stat(checkpoint)).isDirectory() ? checkpoint : dirname(checkpoint);
  return resolve(inside) === resolve(folder);
}

/** One of several SAEs that is named behind a #, else a tensor of activations. */
async function inspectNamed(path: string, options: InspectOptions): Promise<Inspection> {
  const sae = await inspectFile(path, options).catch((error: unknown) => {
    if (error instanceof ReseedError && isAboutContent(error)) return error;
    throw error;
  });
  if (!(sae instanceof ReseedError)) return sae;
  const {
    files: [file],
    tensor,
  } = await findActivations(path);
  return openTensorFile(file, async (tensors) => {
    if (partsOf(tensors).length > 1 && !tensors.tensors.has(tensor ?? '')) throw sae;
    const found = await activationsIn(path, activationParts(tensors, tensor), describe(path, tensors));
    if (found) return found;
    throw new ReseedError('input.shape', 'it is empty', { file, field: `tensor ${tensor}` });
  });
}

async function inspectFile(path: string, options: InspectOptions): Promise<Inspection> {
  return openCheckpoint(path, async (checkpoint) => {
    if (partsOf(checkpoint.tensors).length > 1) return inspectParts(checkpoint, options);
    const file = describe(path, checkpoint.tensors);
    try {
      return await inspectSae(checkpoint, file, options);
    } catch (error) {
      if (!(error instanceof ReseedError) || !isAboutContent(error)) throw error;
      // What a reader takes for its own is no file of activations, whatever is wrong with it.
      const other = isKnownLayout(checkpoint)
        ? undefined
        : await inspectActivations(checkpoint.tensors, file);
      if (other && 'kind' in other) return other;
      return {
        kind: 'tensors',
        ...file,
        problem: error.message,
        ...(other ? { activationsProblem: other.problem } : {}),
        settings: settingsBeside(checkpoint),
      } satisfies TensorsInspection;
    }
  });
}

function isAboutContent({ code }: ReseedError): boolean {
  return code === 'input.format' || code === 'input.shape';
}

function describe(path: string, { file, format, size, tensors }: TensorFile): InspectedFile {
  return {
    path,
    file,
    container: format,
    bytes: size,
    tensors: [...tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  };
}

async function inspectSae(
  checkpoint: Checkpoint,
  file: InspectedFile,
  { full = false, usage, stated = {}, signal }: InspectOptions,
): Promise<SaeInspection> {
  const values = file.tensors.reduce((sum, { shape }) => sum + valueCount(shape), 0);
  const whole = full || usage !== undefined || values <= mostValues;
  const { opened, open } = await readAsFarAsTold({
    ...checkpoint,
    stated: { ...stated, ...(usage ? { activations: usage } : {}) },
    ...(whole ? {} : { tensors: withoutMatrices(checkpoint.tensors) }),
  });
  const { sae, assumptions } = opened;
  const weights = whole ? weightStatistics(sae) : undefined;
  if (usage) requireWidth(sae, usage.x);
  if (usage?.targets) requireTargets(sae, usage.targets);
  const used = usage && (await usageOn(sae, usage, signal ? { signal } : {}));
  return {
    kind: 'sae',
    ...file,
    ...summaryOf(file.path, opened),
    ...(open === undefined ? {} : { ...openOf(open, ''), settings: settingsBeside(checkpoint) }),
    activation: sae.activation.kind,
    transcoder: sae.transcoder ?? false,
    assumptions,
    ...(weights ? { weights } : {}),
    ...(whole ? { numerics: numerics(sae), deadByNorm: deadByNorm(sae.decoder) } : {}),
    ...(used ? { usage: used } : {}),
  };
}

/** Where its files do not say how it encodes, and nothing is to be encoded, what can be read without that. */
async function readAsFarAsTold(
  checkpoint: Checkpoint,
): Promise<{ readonly opened: OpenedSae; readonly open?: ReseedError }> {
  try {
    return { opened: await readSae(checkpoint) };
  } catch (error) {
    const { stated = {} } = checkpoint;
    const isOpen = error instanceof ReseedError && isAboutContent(error) && isKnownLayout(checkpoint);
    if (!isOpen || stated.activations) throw error;
    const weightsOnly = { ...checkpoint, stated: { ...stated, weightsOnly: true } };
    const opened = await readSae(weightsOnly).catch(() => {
      throw error;
    });
    return { opened, open: error };
  }
}

function summaryOf(path: string, { sae, origin, hookName }: OpenedSae): SaeSummary {
  const { format, path: _, ...rest } = origin;
  const k = kOf(sae);
  return {
    path,
    format,
    architecture: sae.architecture,
    dModel: sae.encoder.cols,
    ...(dModel(sae) === sae.encoder.cols ? {} : { dOut: dModel(sae) }),
    dSae: dSae(sae),
    ...(k === undefined ? {} : { k }),
    ...(hookName === undefined ? {} : { hookName }),
    origin: rest,
  };
}

function requireRowByRow(usage: InspectOptions['usage']): void {
  const { x, targets } = usage ?? {};
  if (!x || !targets || x.rows === targets.rows) return;
  throw new ReseedError('input.shape', 'they are not row by row of the same as the activations', {
    field: 'targets',
    found: `${targets.rows} rows`,
    expected: `${x.rows}`,
  });
}

function requireWidth({ encoder }: Sae, { rows, cols }: Matrix): void {
  if (cols === encoder.cols) return;
  throw new ReseedError('usage.argument', 'they are of another width than what the SAE reads', {
    field: 'activations',
    found: `[${rows} × ${cols}]`,
    expected: `[${rows} × ${encoder.cols}]`,
  });
}

function requireTargets(sae: Sae, { rows, cols }: Matrix): void {
  if (!sae.transcoder) {
    throw new ReseedError('usage.argument', 'they are of no use', {
      field: 'targets',
      found: 'no transcoder',
      expected: 'one; of a plain state dict it must be stated (--transcoder)',
    });
  }
  if (cols === dModel(sae)) return;
  throw new ReseedError('usage.argument', 'they are not what this transcoder writes', {
    field: 'targets',
    found: `[${rows} × ${cols}]`,
    expected: `[${rows} × ${dModel(sae)}]`,
  });
}

async function usageOn(
  sae: Sae,
  { x, targets, kernel }: NonNullable<InspectOptions['usage']>,
  work: WorkOptions,
): Promise<InspectedUsage> {
  const codes = await encode(sae, x, kernel, work);
  const live = liveFeatures(codes).length;
  const wanted = sae.transcoder ? targets : x;
  return {
    rows: x.rows,
    live,
    deadByFiring: dSae(sae) - live,
    l0: meanActive(codes),
    ...(wanted?.cols === dModel(sae)
      ? { explainedVariance: measureFit(sae, x, codes, wanted).explainedVariance }
      : {}),
  };
}

/** Undefined where nothing in the file can be rows of activations; a problem where more than one thing can. */
async function inspectActivations(
  tensors: TensorFile,
  file: InspectedFile,
): Promise<ActivationsInspection | { readonly problem: string } | undefined> {
  try {
    return await activationsIn(tensors.file, activationParts(tensors), file);
  } catch (error) {
    if (!(error instanceof ReseedError) || !isAboutContent(error)) throw error;
    return canBeActivations(tensors) ? { problem: reasonOf(error) } : undefined;
  }
}

/** @param path as `openActivations` takes it */
async function activationsIn(
  path: string,
  { parts }: ActivationParts,
  file: InspectedFile,
): Promise<ActivationsInspection | undefined> {
  const rows = await openActivations(path);
  try {
    if (rows.rows === 0 || rows.cols === 0) return undefined;
    const x = await sampleOf(rows);
    const entries = entriesOf(x.data);
    const [{ entry }] = parts;
    return {
      kind: 'activations',
      ...file,
      tensor: parts.length > 1 ? `${entry.name} … ${parts.at(-1)?.entry.name}` : entry.name,
      rows: rows.rows,
      dModel: rows.cols,
      notes: rows.notes ?? [],
      sample: {
        rows: x.rows,
        ...(entries.nan + entries.inf === 0 ? { distinctRows: distinctRows(x).count } : {}),
        ...entries,
        normMean: mean(rowNorms(x).filter(Number.isFinite)),
      },
    };
  } finally {
    await rows.close();
  }
}

/** Mean and SD of the finite values, in two passes; how many are not finite. */
function entriesOf(values: Float32Array): { mean: number; std: number; nan: number; inf: number } {
  let [sum, finite, nan] = [0, 0, 0];
  for (const value of values) {
    if (Number.isFinite(value)) {
      sum += value;
      finite++;
    } else if (Number.isNaN(value)) nan++;
  }
  const centre = finite > 0 ? sum / finite : 0;
  let squares = 0;
  for (const value of values) if (Number.isFinite(value)) squares += (value - centre) ** 2;
  return {
    mean: centre,
    std: Math.sqrt(squares / Math.max(1, finite - 1)),
    nan,
    inf: values.length - finite - nan,
  };
}

/** Blocks of rows that lie evenly over the whole; all rows where they are few. */
async function sampleOf({ rows, cols, read }: ActivationRows): Promise<Matrix> {
  const wanted = Math.min(rows, sampleRows, Math.max(1, Math.floor(sampleValues / cols)));
  const blocks = wanted === rows ? 1 : Math.min(sampleBlocks, wanted);
  const length = Math.floor(wanted / blocks);
  const x = zeros(blocks * length, cols);
  for (let b = 0; b < blocks; b++) {
    const from = blocks === 1 ? 0 : Math.floor((b * (rows - length)) / (blocks - 1));
    await read(from, from + length, x.data.subarray(b * length * cols, (b + 1) * length * cols));
  }
  return x;
}

/** Each SAE of a file that holds several. */
async function inspectParts(checkpoint: Checkpoint, options: InspectOptions): Promise<FolderInspection> {
  const { path } = checkpoint;
  const listed = partsIn(checkpoint);
  const { groups, ...found } = await inspectEach(listed, options);
  const patterns = groups.map((paths) => (paths.length === listed.length ? path : null));
  return { kind: 'several', path, ...found, groups, patterns };
}

function partsIn({ path, tensors, ...rest }: Checkpoint): Listed[] {
  return partsOf(tensors).map((part) => {
    const own = `${path}#${part.name}`;
    return { path: own, part: part.name, open: (use) => use({ ...rest, path: own, tensors: part.tensors }) };
  });
}

async function inspectFolder(
  path: string,
  checkpoints: readonly string[],
  options: InspectOptions,
): Promise<FolderInspection> {
  if (checkpoints.length === 0) {
    throw new ReseedError('input.format', 'it holds no file of weights', {
      file: path,
      expected: 'checkpoints of SAEs, in it or in folders within it',
    });
  }
  const listed = checkpoints.map((one): Listed => ({ path: one, open: (use) => openCheckpoint(one, use) }));
  const { wholes, ...found } = await inspectEach(listed, options);
  const patterns: (string | null)[] = [];
  for (const group of found.groups)
    patterns.push(wholes.get(group.join()) ?? (await patternOf(group)) ?? null);
  return { kind: 'folder', path, ...found, patterns };
}

interface Listed {
  readonly path: string;
  /** What the names of its tensors begin with, where it is one of several in a file. */
  readonly part?: string;
  open(use: (checkpoint: Checkpoint) => Promise<void>): Promise<void>;
}

interface Each extends Pick<FolderInspection, 'saes' | 'groups' | 'others'> {
  /** By the paths of all SAEs in a file that holds several: the file. */
  readonly wholes: ReadonlyMap<string, string>;
}

async function inspectEach(listed: readonly Listed[], options: InspectOptions): Promise<Each> {
  const saes: SaeSummary[] = [];
  const others: OtherFile[] = [];
  const wholes = new Map<string, string>();
  for (const { path, part, open } of listed) {
    try {
      await open(async (checkpoint) => {
        const parts = part === undefined ? partsIn(checkpoint) : [];
        if (parts.length <= 1) {
          saes.push(await summarise(path, part ?? '', checkpoint, options));
          return;
        }
        const within = await inspectEach(parts, options);
        saes.push(...within.saes);
        others.push(...within.others);
        wholes.set(parts.map((one) => one.path).join(), path);
      });
    } catch (error) {
      if (!(error instanceof ReseedError) || !error.code.startsWith('input.')) throw error;
      const [reason, kind] = [error, withoutFound(error)].map((one) =>
        withoutPart(reasonOf(one), part ?? ''),
      );
      others.push({ path, problem: error.message, reason, kind });
    }
  }
  return { saes, groups: groupsOf(saes), others, wholes };
}

/** @param part what the names of its tensors begin with */
function openOf(open: ReseedError, part: string): Pick<SaeSummary, 'open' | 'openKind'> {
  return {
    open: withoutPart(reasonOf(open), part),
    openKind: withoutPart(reasonOf(withoutFound(open)), part),
  };
}

/** The same whatever was found: one for all files in which something else is wrong in the same way. */
function withoutFound({ code, problem, details: { found: _, ...details } }: ReseedError): ReseedError {
  return new ReseedError(code, problem, details);
}

/** One of many: its weights are read only where it is to encode activations. */
async function summarise(
  path: string,
  part: string,
  checkpoint: Checkpoint,
  { usage, stated = {}, signal }: InspectOptions,
): Promise<SaeSummary> {
  const { opened, open } = await readAsFarAsTold({
    ...checkpoint,
    stated: { ...stated, ...(usage ? { activations: usage } : {}) },
    ...(usage ? {} : { tensors: withoutMatrices(checkpoint.tensors) }),
  }).catch((error: unknown) => {
    throw holdsActivations(checkpoint) ? onlyActivations(checkpoint) : error;
  });
  const used = usage?.x.cols === opened.sae.encoder.cols ? usage : undefined;
  return {
    ...summaryOf(path, opened),
    ...(open === undefined ? {} : openOf(open, part)),
    ...(used ? { usage: await usageOn(opened.sae, used, signal ? { signal } : {}) } : {}),
  };
}

function holdsActivations(checkpoint: Checkpoint): boolean {
  if (isKnownLayout(checkpoint)) return false;
  try {
    return activationParts(checkpoint.tensors).cols > 0;
  } catch {
    return false;
  }
}

function onlyActivations({ tensors }: Checkpoint): ReseedError {
  return new ReseedError('input.format', 'activations, which inspect shows by themselves', {
    file: tensors.file,
  });
}

/** The message without the file that it begins with. */
function reasonOf({ message, details: { file } }: ReseedError): string {
  return file !== undefined && message.startsWith(file)
    ? message.slice(file.length).replace(/^(?:, |: )/, '')
    : message;
}

/** What is said of each part of a file alike, without what its tensors have before their names. */
function withoutPart(reason: string, part: string): string {
  return part === '' ? reason : reason.replaceAll(`${part}/`, '').replaceAll(`${part}.`, '');
}

/** SAEs that read the same place and are of one shape and kind: what differs is at most the seed. */
function groupsOf(saes: readonly SaeSummary[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const { path, format, architecture, dModel: d, dOut, dSae: features, k, hookName, origin } of saes) {
    const place = [hookName, origin.layer, origin.site];
    const key = JSON.stringify([format, architecture, d, dOut, features, k, ...place]);
    groups.set(key, [...(groups.get(key) ?? []), path]);
  }
  return [...groups.values()].filter((paths) => paths.length > 1);
}

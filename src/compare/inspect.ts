// Finds out what a file or a folder is, reading no more of it than that takes.
import { stat } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { float32Values, floatDtypes, type TensorEntry, valueCount } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import type {
  ActivationsInspection,
  FolderInspection,
  InspectedFile,
  InspectedUsage,
  Inspection,
  SaeInspection,
  SaeSummary,
  TensorsInspection,
} from '../report/inspection.js';
import { type Checkpoint, openCheckpoint } from '../sae/checkpoint.js';
import { encode } from '../sae/encode.js';
import { findCheckpoints } from '../sae/find-checkpoints.js';
import { measureFit } from '../sae/fit.js';
import { type OpenedSae, readSae } from '../sae/open-sae.js';
import { withoutMatrices } from '../sae/outline.js';
import { partsOf } from '../sae/parts.js';
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import type { Stated } from '../sae/stated.js';
import { deadByNorm, numerics, weightStatistics } from '../sae/weight-statistics.js';
import { distinctRows } from '../stats/distinct-rows.js';
import { mean } from '../stats/summary.js';
import { type Matrix, rowNorms, zeros } from '../tensor/matrix.js';
import { liveFeatures, meanActive } from '../tensor/sparse-codes.js';

export interface InspectOptions extends WorkOptions {
  /** Read weights however large they are. */
  readonly full?: boolean;
  /** Activations X [N×d] to see which features an SAE uses, and the kernel to encode them. */
  readonly usage?: { readonly x: Matrix; readonly kernel: Kernel };
  /** What the files of an SAE may leave open. */
  readonly stated?: Stated;
}

/** Weights of more values than this are not read without being asked to: 512 MiB of float32. */
const mostValues = 2 ** 27;

/** Rows of activations that are looked at, in so many blocks over the file, and values in all at the most. */
const sampleRows = 4096;
const sampleBlocks = 16;
const sampleValues = 2 ** 21;

/** @throws input.file, input.format, input.shape; internal.cancelled */
export async function inspect(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    // A file with the name of a part behind a # is looked for later.
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw fileError(path, 'read', cause);
  });
  if (!found?.isDirectory()) return inspectFile(path, options);
  const checkpoints = await findCheckpoints(path);
  return checkpoints.length === 1 && checkpoints[0] === path
    ? inspectFile(path, options)
    : inspectFolder(path, checkpoints);
}

async function inspectFile(path: string, options: InspectOptions): Promise<Inspection> {
  return openCheckpoint(path, async (checkpoint) => {
    if (partsOf(checkpoint.tensors).length > 1) return inspectParts(checkpoint, options);
    const file = describe(path, checkpoint.tensors);
    try {
      return await inspectSae(checkpoint, file, options);
    } catch (error) {
      if (!(error instanceof ReseedError) || !isAboutContent(error)) throw error;
      const activations = await inspectActivations(checkpoint.tensors, file);
      return (
        activations ?? ({ kind: 'tensors', ...file, problem: error.message } satisfies TensorsInspection)
      );
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
  const opened = await readSae({
    ...checkpoint,
    stated: { ...stated, ...(usage ? { activations: usage } : {}) },
    ...(whole ? {} : { tensors: withoutMatrices(checkpoint.tensors) }),
  });
  const { sae, assumptions } = opened;
  const weights = whole ? weightStatistics(sae) : undefined;
  const used = usage && (await usageOn(sae, usage, signal ? { signal } : {}));
  return {
    kind: 'sae',
    ...file,
    ...summaryOf(file.path, opened),
    activation: sae.activation.kind,
    transcoder: sae.transcoder ?? false,
    assumptions,
    ...(weights ? { weights } : {}),
    ...(whole ? { numerics: numerics(sae), deadByNorm: deadByNorm(sae.decoder) } : {}),
    ...(used ? { usage: used } : {}),
  };
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

async function usageOn(
  sae: Sae,
  { x, kernel }: NonNullable<InspectOptions['usage']>,
  work: WorkOptions,
): Promise<InspectedUsage> {
  const codes = await encode(sae, x, kernel, work);
  const live = liveFeatures(codes).length;
  return {
    rows: x.rows,
    live,
    deadByFiring: dSae(sae) - live,
    l0: meanActive(codes),
    ...(sae.transcoder ? {} : { explainedVariance: measureFit(sae, x, codes).explainedVariance }),
  };
}

/** Undefined where no single tensor can be rows of activations. */
async function inspectActivations(
  tensors: TensorFile,
  file: InspectedFile,
): Promise<ActivationsInspection | undefined> {
  const tables = [...tensors.tensors.values()].filter(
    ({ shape, dtype }) => shape.length === 2 && floatDtypes.includes(dtype) && !shape.includes(0),
  );
  if (tables.length !== 1) return undefined;
  const [{ name, shape }] = tables;
  const x = await sampleOf(tensors, tables[0]);
  const entries = entriesOf(x.data);
  return {
    kind: 'activations',
    ...file,
    tensor: name,
    rows: shape[0],
    dModel: shape[1],
    sample: {
      rows: x.rows,
      ...(entries.nan + entries.inf === 0 ? { distinctRows: distinctRows(x).count } : {}),
      ...entries,
      normMean: mean(rowNorms(x).filter(Number.isFinite)),
    },
  };
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

/** Blocks of rows that lie evenly over the tensor; all rows where they are few. */
async function sampleOf(tensors: TensorFile, { name, shape: [rows, cols] }: TensorEntry): Promise<Matrix> {
  const wanted = Math.min(rows, sampleRows, Math.max(1, Math.floor(sampleValues / cols)));
  const blocks = wanted === rows ? 1 : Math.min(sampleBlocks, wanted);
  const length = Math.floor(wanted / blocks);
  const x = zeros(blocks * length, cols);
  for (let b = 0; b < blocks; b++) {
    const from = blocks === 1 ? 0 : Math.floor((b * (rows - length)) / (blocks - 1));
    const tensor = await tensors.read(name, { from, to: from + length });
    x.data.set(float32Values(tensor, tensors.file, `tensor ${name}`), b * length * cols);
  }
  return x;
}

/** Each SAE of a file that holds several. */
async function inspectParts(
  { path, tensors, ...checkpoint }: Checkpoint,
  { stated = {} }: InspectOptions,
): Promise<FolderInspection> {
  const listed = partsOf(tensors).map((part) => ({
    path: `${path}#${part.name}`,
    open: (use: (checkpoint: Checkpoint) => Promise<SaeSummary>) =>
      use({ ...checkpoint, path: `${path}#${part.name}`, tensors: part.tensors, stated }),
  }));
  return { kind: 'several', path, ...(await inspectEach(listed)) };
}

async function inspectFolder(path: string, checkpoints: readonly string[]): Promise<FolderInspection> {
  if (checkpoints.length === 0) {
    throw new ReseedError('input.format', 'it holds no file of weights', {
      file: path,
      expected: 'checkpoints of SAEs, in it or in folders within it',
    });
  }
  const listed = checkpoints.map((one) => ({
    path: one,
    open: (use: (checkpoint: Checkpoint) => Promise<SaeSummary>) => openCheckpoint(one, use),
  }));
  return { kind: 'folder', path, ...(await inspectEach(listed)) };
}

interface Listed {
  readonly path: string;
  open(use: (checkpoint: Checkpoint) => Promise<SaeSummary>): Promise<SaeSummary>;
}

async function inspectEach(
  listed: readonly Listed[],
): Promise<Pick<FolderInspection, 'saes' | 'groups' | 'others'>> {
  const saes: SaeSummary[] = [];
  const others: { path: string; problem: string }[] = [];
  for (const { path, open } of listed) {
    try {
      saes.push(
        await open(async (checkpoint) =>
          summaryOf(path, await readSae({ ...checkpoint, tensors: withoutMatrices(checkpoint.tensors) })),
        ),
      );
    } catch (error) {
      if (!(error instanceof ReseedError) || !error.code.startsWith('input.')) throw error;
      others.push({ path, problem: error.message });
    }
  }
  return { saes, groups: groupsOf(saes), others };
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

// What is said of a file of activations, from a sample of its rows.
import { type ActivationRows, openActivations } from '../activations/activation-rows.js';
import { type ActivationParts, activationParts, canBeActivations } from '../activations/activation-tensor.js';
import { ReseedError } from '../errors.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { ActivationsInspection, InspectedFile } from '../report/inspection.js';
import { distinctRows } from '../stats/distinct-rows.js';
import { mean } from '../stats/summary.js';
import { type Matrix, rowNorms, zeros } from '../tensor/matrix.js';
import { isAboutContent, reasonOf } from './inspect-reasons.js';

/** Rows of activations that are looked at, in so many blocks over the file, and values in all at the most. */
const sampleRows = 4096;
const sampleBlocks = 16;
const sampleValues = 2 ** 21;

/** Undefined where nothing in the file can be rows of activations; a problem where more than one thing can. */
export async function inspectActivations(
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
export async function activationsIn(
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

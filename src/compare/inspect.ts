// Finds out what a file or a folder is, reading no more of it than that takes.
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findActivations } from '../activations/activation-path.js';
import { activationParts } from '../activations/activation-tensor.js';
import { ReseedError } from '../errors.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { InspectedFile, Inspection, TensorsInspection } from '../report/inspection.js';
import { openCheckpoint } from '../sae/checkpoint.js';
import { findCheckpoints } from '../sae/find-checkpoints.js';
import { settingsBeside } from '../sae/known-settings.js';
import { partsOf } from '../sae/parts.js';
import { isKnownLayout } from '../sae/read-sae.js';
import { activationsIn, inspectActivations } from './inspect-activations.js';
import { type InspectOptions, requireRowByRow } from './inspect-options.js';
import { isAboutContent } from './inspect-reasons.js';
import { inspectSae } from './inspect-sae.js';
import { inspectFolder, inspectParts } from './inspect-several.js';

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

function describe(path: string, { file, format, size, tensors }: TensorFile): InspectedFile {
  return {
    path,
    file,
    container: format,
    bytes: size,
    tensors: [...tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape })),
  };
}

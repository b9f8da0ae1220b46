// Where a study's activations come from: the transformer's residual stream, captured once and kept on disk.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type CaptureOptions,
  captureActivations,
  loadTransformerFile,
  type Site,
  shippedPath,
  siteId,
  type Transformer,
} from '../activations/transformer/index.js';
import { ReseedError } from '../errors.js';
import { encodeSafetensors, readSafetensors } from '../formats/safetensors.js';
import { float32Tensor } from '../formats/tensor.js';
import type { Matrix } from '../tensor/matrix.js';
import type { Study } from './config.js';
import { codeFingerprint, hashOf, trainingCode } from './fingerprint.js';
import type { StudyFolder } from './folder.js';

/** The activations of a study, by site id, and a key for what they depend on. */
export interface ActivationSource {
  readonly key: string;
  /** Activations [N×d] of these sites; those that are on disk already are read back. */
  load(sites: readonly Site[], folder: StudyFolder, hooks: CaptureOptions): Promise<Map<string, Matrix>>;
}

/** Opens the source that the study names. @throws input.config for a layer that the model does not have */
export async function openSource(study: Study, file: string): Promise<ActivationSource> {
  const { transformer, layers } = study.activations;
  const path = typeof transformer === 'number' ? shippedPath(transformer, 'safetensors') : transformer;
  const model = await loadTransformerFile(path);
  const missing = layers.find((layer) => layer >= model.config.layers);
  if (missing !== undefined) {
    throw new ReseedError('input.config', 'the transformer has no such layer', {
      file,
      field: 'activations.layers',
      found: String(missing),
      expected: `0 … ${model.config.layers - 1}`,
    });
  }
  const weights = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const key = hashOf([weights, codeFingerprint(trainingCode)]);
  return {
    key,
    load: (sites, folder, hooks) => load(model, key, sites, folder, hooks),
  };
}

async function load(
  model: Transformer,
  key: string,
  sites: readonly Site[],
  folder: StudyFolder,
  hooks: CaptureOptions,
): Promise<Map<string, Matrix>> {
  const fileOf = (site: Site): string => folder.activations(`${siteId(site)}-${key.slice(0, 16)}`);
  const found = new Map<string, Matrix>();
  const missing: Site[] = [];
  for (const site of sites) {
    if (await folder.has(fileOf(site))) found.set(siteId(site), await readMatrix(fileOf(site)));
    else missing.push(site);
  }
  if (missing.length === 0) return found;
  const captured = await captureActivations(model, missing, hooks);
  for (const site of missing) {
    const x = captured.get(siteId(site)) as Matrix;
    const content = encodeSafetensors({ activations: { shape: [x.rows, x.cols], data: x.data } });
    await folder.write(fileOf(site), content);
    found.set(siteId(site), x);
  }
  return found;
}

async function readMatrix(file: string): Promise<Matrix> {
  const { tensors } = await readSafetensors(file);
  const [rows = 0, cols = 0] = tensors.get('activations')?.shape ?? [];
  return { rows, cols, data: float32Tensor(tensors, 'activations', [rows, cols], file) };
}

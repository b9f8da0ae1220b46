// Activations of the small transformer: its residual stream at some layers and tokens, captured once and kept on disk.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { transformerVersion } from '../../activations/transformer/capture.js';
import { pairCount, type SiteName, siteId } from '../../activations/transformer/config.js';
import {
  captureActivations,
  loadTransformerFile,
  type Site,
  shippedPath,
  type Transformer,
} from '../../activations/transformer/index.js';
import { ReseedError } from '../../errors.js';
import { readSafetensors } from '../../formats/read-safetensors.js';
import { encodeSafetensors } from '../../formats/safetensors.js';
import { float32Tensor } from '../../formats/tensor.js';
import type { Matrix } from '../../tensor/matrix.js';
import type { TransformerActivations } from '../config/activations.js';
import type { StudyFolder } from '../folder.js';
import { hashOf } from '../hash-of.js';
import type { ActivationSource, LoadHooks, SourceSite } from './source.js';

type TransformerSite = SourceSite & Site;

export function transformerSites({ layers, sites }: TransformerActivations): TransformerSite[] {
  return layers.flatMap((layer) => sites.map((site) => ({ id: siteId({ layer, site }), layer, site })));
}

/** @throws input.config for a layer that the model does not have */
export async function openTransformerSource(
  { transformer, layers }: TransformerActivations,
  studyFile: string,
): Promise<ActivationSource> {
  const path =
    typeof transformer === 'number'
      ? shippedPath(transformer, 'safetensors')
      : resolve(dirname(studyFile), transformer);
  const model = await loadTransformerFile(path);
  const missing = layers.find((layer) => layer >= model.config.layers);
  if (missing !== undefined) {
    throw new ReseedError('input.config', 'the transformer has no such layer', {
      file: studyFile,
      field: 'activations.layers',
      found: String(missing),
      expected: `0 … ${model.config.layers - 1}`,
    });
  }
  const weights = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const key = hashOf([weights, transformerVersion]);
  const shape = { rows: pairCount(model.config), cols: model.config.dModel };
  const fileOf = ({ id }: SourceSite, folder: StudyFolder): string =>
    folder.activations(`${id}-${key.slice(0, 16)}`);
  return {
    keyOf: ({ id }) => hashOf([key, id]),
    shapeOf: () => shape,
    isKept: (site, folder) => folder.has(fileOf(site, folder)),
    keptBytes: () => 4 * shape.rows * shape.cols,
    async load(sites, folder, hooks) {
      const file = (site: SourceSite) => fileOf(site, folder);
      const found = await load(model, sites as readonly TransformerSite[], folder, file, hooks);
      return ({ id }) => found.get(id) as Matrix;
    },
  };
}

async function load(
  model: Transformer,
  sites: readonly TransformerSite[],
  folder: StudyFolder,
  fileOf: (site: SourceSite) => string,
  hooks: LoadHooks,
): Promise<Map<string, Matrix>> {
  const found = new Map<string, Matrix>();
  const missing: TransformerSite[] = [];
  for (const site of sites) {
    if (await folder.has(fileOf(site))) found.set(site.id, await readMatrix(fileOf(site)));
    else missing.push(site);
  }
  if (missing.length === 0) return found;
  const wanted = missing.map(({ layer, site }) => ({ layer, site: site as SiteName }));
  const captured = await captureActivations(model, wanted, hooks);
  for (const site of missing) {
    const x = captured.get(site.id) as Matrix;
    const content = encodeSafetensors({ activations: { shape: [x.rows, x.cols], data: x.data } });
    await folder.write(fileOf(site), content);
    found.set(site.id, x);
  }
  return found;
}

async function readMatrix(file: string): Promise<Matrix> {
  const { tensors } = await readSafetensors(file);
  const [rows = 0, cols = 0] = tensors.get('activations')?.shape ?? [];
  return { rows, cols, data: float32Tensor(tensors, 'activations', [rows, cols], file) };
}

// Activations that somebody else has stored: a file, or a folder of shards. Nothing of them is copied.
import { dirname, resolve } from 'node:path';
import { hashOfShards, loadShards, openShards } from '../../activations/shards.js';
import type { FileActivations } from '../config/activations.js';
import { hashOf } from '../fingerprint.js';
import type { ActivationSource, SourceSite } from './source.js';

export function fileSites({ layer, site }: FileActivations): SourceSite[] {
  const name = site ?? 'activations';
  return [
    {
      id: layer === undefined ? name : `layer${layer}.${name}`,
      ...(layer === undefined ? {} : { layer }),
      ...(site === undefined ? {} : { site }),
    },
  ];
}

/** @throws input.file, input.format, input.shape */
export async function openFileSource(
  { file }: FileActivations,
  studyFile: string,
): Promise<ActivationSource> {
  const shards = await openShards(resolve(dirname(studyFile), file));
  // The contents alone: the same activations under another name are the same.
  const key = hashOf([await hashOfShards(shards), shards.rows, shards.cols]);
  const rows = shards.rows.reduce((sum, n) => sum + n, 0);
  return {
    keyOf: () => key,
    shapeOf: () => ({ rows, cols: shards.cols }),
    isKept: async () => true,
    keptBytes: () => 0,
    load: async (_, __, hooks) => {
      const x = await loadShards(shards, hooks);
      return () => x;
    },
  };
}

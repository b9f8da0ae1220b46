// A model as harvest uses it: its graph, the tensors that can be taken of it, and what runs it.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from '../../formats/atomic-write.js';
import { type OnnxModel, parseModel } from './graph.js';
import { modelFiles } from './model-folder.js';
import type { Runtime } from './runtime.js';
import type { Sites, Tensor3 } from './sites.js';
import { tensorsOf } from './tensors.js';

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

// The files of a model: its graph, the folder that its weights lie in, and its tokenizer.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';

export interface ModelFiles {
  readonly graph: string;
  /** tokenizer.json; where it would be, if it is not there. */
  readonly tokenizer: string;
}

/** Where exports put the graph in the folder of a model. */
const graphs = ['model.onnx', 'onnx/model.onnx'];

/**
 * @param path a .onnx file, or the folder of a model
 * @param tokenizer a tokenizer.json, or the folder of one; looked for beside the graph and one folder up where absent
 * @throws input.file
 */
export async function modelFiles(path: string, tokenizer?: string): Promise<ModelFiles> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  const graph = found.isDirectory() ? await first(graphs.map((name) => join(path, name))) : path;
  if (graph === undefined) {
    throw new ReseedError('input.file', 'there is no model in it', {
      file: path,
      expected: graphs.join(' or '),
    });
  }
  const places = tokenizer === undefined ? [dirname(graph), join(dirname(graph), '..')] : [tokenizer];
  const files = places.map((place) =>
    basename(place).endsWith('.json') ? place : join(place, 'tokenizer.json'),
  );
  return { graph, tokenizer: (await first(files)) ?? files[0] };
}

async function first(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if ((await stat(file).catch(() => undefined))?.isFile()) return file;
  return undefined;
}

// ONNX Runtime, native (onnxruntime-node) or in WebAssembly (onnxruntime-web), which is several times slower.
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { ReseedError } from '../../errors.js';
import { fileError } from '../../formats/atomic-write.js';
import { optionalPackage, packageMissing } from './optional-package.js';

/** A value of an input: `data` of `type`, row-major. */
export interface Feed {
  readonly type: 'int64' | 'int32' | 'float32' | 'float16' | 'bool';
  readonly dims: readonly number[];
  readonly data: BigInt64Array | Int32Array | Float32Array | Uint16Array | Uint8Array;
}

export interface Output {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export interface Session {
  run(
    feeds: Readonly<Record<string, Feed>>,
    wanted: readonly string[],
  ): Promise<Readonly<Record<string, Output>>>;
  close(): Promise<void>;
}

export interface ModelToOpen {
  readonly bytes: Uint8Array;
  /** For messages, and the folder that its files of weights lie in. */
  readonly file: string;
  readonly folder: string;
  /** Files of weights beside it. */
  readonly external: readonly string[];
  readonly threads: number;
}

export interface Runtime {
  /** `onnxruntime-node`, or `onnxruntime-web`. */
  readonly name: string;
  /** @throws input.file where a file of weights is missing; input.format where the model cannot be run */
  open(model: ModelToOpen): Promise<Session>;
}

export const runtimeNames = ['onnxruntime-node', 'onnxruntime-web'] as const;

/** The first that is installed. @throws usage.argument where none is */
export async function loadRuntime(): Promise<Runtime> {
  for (const name of runtimeNames) {
    const found = await optionalPackage(name);
    if (found) return runtimeOf(name, found as unknown as OnnxRuntime);
  }
  throw packageMissing(runtimeNames[0], 'harvest');
}

/** What both packages have in common, as far as it is used. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: object, wanted: readonly string[]): Promise<Record<string, Output>>;
      release(): Promise<void>;
    }>;
  };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
  readonly env?: { readonly wasm?: { numThreads?: number } };
}

function runtimeOf(
  name: (typeof runtimeNames)[number],
  { InferenceSession, Tensor, env }: OnnxRuntime,
): Runtime {
  return {
    name,
    async open({ bytes, file, folder, external, threads }) {
      await requireFiles(folder, external, file);
      if (env?.wasm) env.wasm.numThreads = threads;
      const options =
        name === 'onnxruntime-node'
          ? { extra: { session: { model_external_initializers_file_folder_path: folder } } }
          : { executionProviders: ['wasm'], externalData: await filesOf(folder, external) };
      const session = await InferenceSession.create(bytes, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Fatal errors alone: what is wrong comes as an error.
        logSeverityLevel: 4,
        ...options,
      }).catch((cause) => {
        throw notRun(file, cause);
      });
      return {
        run(feeds, wanted) {
          const given = Object.entries(feeds).map(([input, { type, data, dims }]) => [
            input,
            new Tensor(type, data, dims),
          ]);
          return session.run(Object.fromEntries(given), wanted).catch((cause) => {
            throw notRun(file, cause);
          });
        },
        close: () => session.release(),
      };
    },
  };
}

function notRun(file: string, cause: unknown): ReseedError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ReseedError('input.format', 'ONNX Runtime cannot run it', {
    file,
    found: text.split('\n')[0].slice(0, 400),
    cause,
  });
}

async function requireFiles(folder: string, external: readonly string[], file: string): Promise<void> {
  for (const name of external) {
    if (isAbsolute(name) || normalize(name).startsWith('..')) {
      throw new ReseedError('input.format', 'it names a file of weights outside of its folder', {
        file,
        field: 'external data',
        found: name,
        expected: 'a file beside the model',
      });
    }
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) continue;
    throw new ReseedError('input.file', 'a file that holds weights of the model is missing', {
      file,
      field: name || 'external data',
      expected: `${path}, beside the model`,
    });
  }
}

async function filesOf(folder: string, external: readonly string[]) {
  const files: { path: string; data: Uint8Array }[] = [];
  for (const path of external) {
    const data = await readFile(join(folder, path)).catch((cause) => {
      throw fileError(join(folder, path), 'read', cause);
    });
    files.push({ path, data });
  }
  return files;
}

// Packages that few need and that are large: they are found where reseed is called, or beside it, and asked for where they are not.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ReseedError } from '../../errors.js';

/** Of onnxruntime-node the plain command fetches more from elsewhere, and fails where that is out of reach. */
export const installCommand =
  'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node @huggingface/tokenizers';

/**
 * The package by its name, from the folder that reseed is called in, else from where reseed is installed; undefined where neither
 * has it. @throws input.file where it is there and cannot be loaded
 */
export async function optionalPackage(name: string): Promise<Record<string, unknown> | undefined> {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')), new URL(import.meta.url)]) {
    const path = resolved(name, from);
    if (path === undefined) continue;
    try {
      const found = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
      return { ...(found['default'] as object | undefined), ...found };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      throw new ReseedError('input.file', 'it is installed and cannot be loaded', {
        file: path,
        found: reason,
        cause,
      });
    }
  }
  return undefined;
}

function resolved(name: string, from: URL): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

/** @throws usage.argument with the command that installs it */
export function packageMissing(name: string, use: string): ReseedError {
  return new ReseedError('usage.argument', `${use} needs a package that is not installed`, {
    field: name,
    expected: `it beside reseed, or in this folder: ${installCommand}`,
  });
}

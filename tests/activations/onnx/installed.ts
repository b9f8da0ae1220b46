// A folder with the packages that `reseed harvest` asks for: small ones that stand in for them, since tests need neither.
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('packages/', import.meta.url));

export const fixtures = fileURLToPath(new URL('../../fixtures/onnx/', import.meta.url));

/** What the environment of a process must have, for the packages to find the code that they use. */
export const environment = { RESEED_DIST: fileURLToPath(new URL('../../../dist', import.meta.url)) };

const scripts = {
  'onnxruntime-node': 'onnxruntime-node.mjs',
  '@huggingface/tokenizers': 'tokenizers.mjs',
} as const;

export type PackageName = keyof typeof scripts;

/** A fresh folder in which these are installed. */
export async function installed(...names: readonly PackageName[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-harvest-'));
  for (const name of names) {
    const at = join(folder, 'node_modules', name);
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'package.json'), JSON.stringify({ name, type: 'module', main: 'index.mjs' }));
    await copyFile(join(packages, scripts[name]), join(at, 'index.mjs'));
  }
  return folder;
}

// A study that is small and still has units of every kind: its pairs are large enough for the kernel's answers to be kept. And what a
// study ends in, to be held against the same study done otherwise.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { Rng } from '../../src/tensor/rng.js';
import { cli } from '../cli/cli.js';

export interface UnitStudy {
  readonly folder: string;
  readonly file: string;
  readonly activations: string;
}

const [rows, width] = [300, 256];

/** Writes activations and study file to a fresh folder. `changes` replace parts of the text. */
export async function unitStudy(changes: readonly [string, string][] = []): Promise<UnitStudy> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-units-'));
  const data = new Float32Array(rows * width);
  new Rng(1, 'activations').fillNormal(data);
  const activations = join(folder, 'x.safetensors');
  await writeFile(activations, encodeSafetensors({ activations: { shape: [rows, width], data } }));
  const text = `name: units
activations: { file: x.safetensors }
sae: { architecture: topk, dSae: 2048, k: 8 }
training: { recipe: plain, epochs: 3, batchSize: 100, snapshots: [4] }
seeds: { init: [1, 2] }
analysis: { draws: 2 }
`;
  const file = join(folder, 'study.yaml');
  await writeFile(
    file,
    changes.reduce((all, [from, to]) => all.replace(from, to), text),
  );
  return { folder, file, activations };
}

/** The files of a run that is left alone, in `whole` beside the study file. */
export async function wholeRun({
  folder,
  file,
}: Pick<UnitStudy, 'folder' | 'file'>): Promise<Map<string, string>> {
  const out = join(folder, 'whole');
  const { code, stderr } = await cli('run', file, '--out', out);
  if (code !== 0) throw new Error(stderr);
  return filesOf(out);
}

/** Runs it on this machine, each unit in a process of its own. */
export function localRun(file: string, out: string, ...flags: string[]): string[] {
  return ['run', file, '--out', out, '--executor', 'local', '--bundle', '0', ...flags];
}

/** Every file of an output folder but what is kept for going on, without the time and place that it was made at. */
export async function filesOf(out: string): Promise<Map<string, string>> {
  const names = (await readdir(out, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const files = new Map<string, string>();
  for (const { parentPath, name } of names) {
    const path = join(parentPath, name).slice(out.length + 1);
    if (path.startsWith('.work')) continue;
    const bytes = await readFile(join(out, path));
    files.set(
      path,
      /\.(json|md|html)$/.test(name) ? timeless(bytes.toString('utf8')) : bytes.toString('base64'),
    );
  }
  return files;
}

/** What is kept for going on, by the name of its file. */
export async function partsOf(out: string): Promise<Map<string, string>> {
  const parts = join(out, '.work', 'parts');
  const files = new Map<string, string>();
  for (const entry of await readdir(parts, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files.set(entry.name, (await readFile(join(entry.parentPath, entry.name))).toString('base64'));
  }
  return files;
}

function timeless(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d+Z| UTC)/g, 'then')
    .replace(/--out(=| )\S+?(?=["<\s])/g, '--out there');
}

/** Names of the files that differ, or that only one has. */
export function differing(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
}

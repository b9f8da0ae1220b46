// The containers that are fuzzed: files to begin with, which real writers made, and the ways in which each is damaged.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rng } from '../../src/tensor/rng.js';
import { type Mutate, mutateBytes, pick } from './mutate-bytes.js';
import { mutateJson } from './mutate-json.js';
import { mutateNpy } from './mutate-npy.js';
import { mutatePickle } from './mutate-pickle.js';
import { mutateSafetensors } from './mutate-safetensors.js';
import { mutateZip } from './mutate-zip.js';
import { buildZip, contentOf, type Member, memberOf, parseZip } from './zip-bytes.js';

export interface Container {
  readonly name: string;
  /** Sound files and files that are refused; a folder is a zip file of what is in it. */
  readonly files: readonly Buffer[];
  readonly mutate: Mutate;
  readonly folders?: true;
}

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** In an order that is the same everywhere, without those of the peers, of which there are hundreds. */
const names = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).sort();

function filesOf(pattern: RegExp): Buffer[] {
  return names
    .filter((name) => pattern.test(name) && !name.startsWith('peers'))
    .map((name) => readFileSync(join(fixtures, name)));
}

/** Checkpoints that other packages wrote: weights, and the configuration beside them. */
function checkpoints(): Buffer[] {
  const files = names.filter(
    (name) => name.startsWith('peers') && /\.(safetensors|npz|pt|pth|json|yaml)$/.test(name),
  );
  const folders = new Set(files.filter((name) => !/expected|index\.json/.test(name)).map(dirname));
  return [...folders].map((folder) => {
    const beside = files.filter((name) => dirname(name) === folder && !name.includes('expected'));
    return zipOf(beside.map((name) => memberOf(basename(name), readFileSync(join(fixtures, name)))));
  });
}

/** Damages one member of a zip file and puts it together again, so that the zip file itself stays sound. */
function within(pattern: RegExp, mutate: Mutate): Mutate {
  return (bytes, rng, other) => {
    const members = parseZip(bytes);
    const chosen = members?.filter(({ name }) => pattern.test(name.toString('latin1'))) ?? [];
    if (!members || chosen.length === 0) return mutateBytes(bytes, rng, other);
    const member = pick(rng, chosen);
    const method = member.method === 8 || rng.below(8) === 0 ? 8 : 0;
    const changed = memberOf(
      member.name,
      mutate(contentOf(member), rng, () => contentOf(pick(rng, chosen))),
      method,
    );
    return zipOf(members.map((m) => (m === member ? changed : m)));
  };
}

function zipOf(members: readonly Member[]): Buffer {
  return buildZip(members).bytes;
}

/** One of these for most files, bytes for the rest. */
function mostly(...mutations: readonly Mutate[]): Mutate {
  return (bytes, rng, other) => (rng.below(4) === 0 ? mutateBytes : pick(rng, mutations))(bytes, rng, other);
}

/** How each file of a checkpoint is damaged. */
const mutations: readonly (readonly [pattern: RegExp, mutate: Mutate])[] = [
  [/\.json$/, mutateJson],
  [/\.safetensors$/, mostly(mutateSafetensors)],
  [/\.npz$/, mostly(within(/\.npy$/, mutateNpy))],
  [/\.pth?$/, mostly(within(/data\.pkl$/, mutatePickle))],
];

/** A checkpoint with one file damaged, left out, or from another checkpoint. */
function mutateFolder(bytes: Buffer, rng: Rng, other: () => Buffer): Buffer {
  const members = parseZip(bytes) ?? [];
  const what = rng.below(10);
  if (what === 0) return zipOf(members.filter((_, i) => i !== rng.below(members.length)));
  const [pattern, mutate] = pick(
    rng,
    mutations.filter(([p]) => members.some(({ name }) => p.test(String(name)))),
  );
  const fromOther = (content: Buffer): Buffer => {
    const found = parseZip(other())?.find(({ name }) => pattern.test(String(name)));
    return found ? contentOf(found) : content;
  };
  return within(pattern, what === 1 ? fromOther : mutate)(bytes, rng, other);
}

const safetensors = filesOf(/\.safetensors$/);
const npy = filesOf(/\.npy$/);
const npz = [
  ...filesOf(/\.npz$/),
  ...npy.map((file, i) =>
    zipOf([memberOf('W_enc.npy', file, i % 2 === 0 ? 8 : 0), memberOf('b.npy', npy[0])]),
  ),
];
const torch = filesOf(/\.pt$/);

export const containers: readonly Container[] = [
  { name: 'safetensors', files: safetensors, mutate: mostly(mutateSafetensors) },
  { name: 'npy', files: npy, mutate: mostly(mutateNpy) },
  { name: 'npz', files: npz, mutate: mostly(within(/\.npy$/, mutateNpy), within(/./, mutateBytes)) },
  {
    name: 'torch',
    files: torch,
    mutate: mostly(within(/\/data\/|byteorder$/, mutateBytes), within(/./, mutateBytes)),
  },
  { name: 'pickle', files: torch, mutate: within(/data\.pkl$/, mutatePickle) },
  { name: 'zip', files: [...npz, ...torch], mutate: mutateZip },
  {
    name: 'sae',
    files: checkpoints(),
    folders: true,
    mutate: mutateFolder,
  },
];

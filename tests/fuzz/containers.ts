// The containers that are fuzzed: files to begin with, which real writers made, and the ways in which each is damaged.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Mutate, mutateBytes, pick } from './mutate-bytes.js';
import { mutateNpy } from './mutate-npy.js';
import { mutatePickle } from './mutate-pickle.js';
import { mutateSafetensors } from './mutate-safetensors.js';
import { mutateZip } from './mutate-zip.js';
import { buildZip, contentOf, type Member, memberOf, parseZip } from './zip-bytes.js';

export interface Container {
  readonly name: string;
  /** Sound files and files that are refused. */
  readonly files: readonly Buffer[];
  readonly mutate: Mutate;
}

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

function filesOf(pattern: RegExp): Buffer[] {
  const names = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
    pattern.test(name),
  );
  // Sorted, since the order of a folder is not the same everywhere; small ones, since each is written many times.
  const files = names.sort().map((name) => readFileSync(join(fixtures, name)));
  return files.filter(({ length }) => length <= 2 ** 16);
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
];

// Zip files whose headers lie: lengths, offsets, checksums, methods, names, claims of compression, zip64.
import { deflateRawSync } from 'node:zlib';
import type { Rng } from '../../src/tensor/rng.js';
import { edgeBytes, type Mutate, mutateBytes, pick } from './mutate-bytes.js';
import { buildZip, contentOf, type Member, memberOf, parseZip } from './zip-bytes.js';

type Change = (members: Member[], rng: Rng) => Member[];

const names = [
  '../../escape.npy',
  '/etc/passwd.npy',
  'C:\\x.npy',
  'a\\b.npy',
  'folder/',
  '',
  '.npy',
  'x\0y.npy',
  '\x1b[2J.npy',
];

/** One member changed. */
function one(change: (member: Member, rng: Rng, all: readonly Member[]) => Member): Change {
  return (members, rng) => {
    const at = rng.below(members.length);
    return members.map((member, i) => (i === at ? change(member, rng, members) : member));
  };
}

const deflated = new Map<number, Buffer>();

/** Some 1000 times as many bytes as they are; made once, since that takes a second. */
function deflatedZeros(count: number): Buffer {
  const bytes = deflated.get(count) ?? deflateRawSync(Buffer.alloc(count));
  deflated.set(count, bytes);
  return bytes;
}

const changes: readonly Change[] = [
  one((member, rng) => ({ ...member, name: Buffer.from(pick(rng, names), 'latin1') })),
  one((member, rng, all) => ({ ...member, name: pick(rng, all).name })),
  one((member) => ({
    ...member,
    name: Buffer.concat([Buffer.alloc(60_000, 'n'), member.name]).subarray(-65_535),
  })),
  one((member, rng) => ({ ...member, method: pick(rng, [0, 8, 9, 12, 14, 99]) })),
  one((member) => memberOf(member.name, contentOf(member), 8)),
  one((member, rng) => ({ ...member, data: mutateBytes(member.data, rng, () => member.data) })),
  one((member, rng, all) => memberOf(member.name, contentOf(pick(rng, all)))),
  one((member, rng) => ({ ...member, size: edgeBytes(rng, 4).readUInt32LE(0) })),
  // A bomb: what is read inflates to far more than the file.
  one((member, rng) => {
    const data = deflatedZeros(pick(rng, [2 ** 16, 2 ** 20, 2 ** 24, 2 ** 28]));
    return { ...member, method: 8, data, size: pick(rng, [member.size, 2 ** 24, 2 ** 32 - 1]) };
  }),
  one((member, rng) => {
    const bomb = Buffer.concat([contentOf(member), Buffer.alloc(pick(rng, [2 ** 16, 2 ** 22]))]);
    return memberOf(member.name, bomb, 8);
  }),
  // Numbers of 64 bits that zip64 puts into the extra field.
  one((member, rng) => {
    const extra = Buffer.concat([
      Buffer.from([1, 0, 8 * rng.below(4), 0]),
      edgeBytes(rng, 8),
      edgeBytes(rng, 8),
      edgeBytes(rng, 8),
    ]);
    return { ...member, extra, size: pick(rng, [member.size, 2 ** 32 - 1]) };
  }),
  (members, rng) => members.filter((_, i) => i !== rng.below(members.length)),
  (members, rng) => [...members, pick(rng, members)],
  (members, rng) => {
    const at = rng.below(members.length);
    return [...members.slice(at), ...members.slice(0, at)];
  },
  (members, rng) => {
    const many = Array.from({ length: pick(rng, [100, 3000]) }, (_, i) =>
      memberOf(`${i}.npy`, Buffer.alloc(0)),
    );
    return [...members, ...many];
  },
];

/** A new file of changed members, with some of its headers' numbers replaced. */
export const mutateZip: Mutate = (bytes, rng, other) => {
  let members = parseZip(bytes);
  if (!members?.length) return mutateBytes(bytes, rng, other);
  for (let left = rng.below(3); left > 0 && members.length > 0; left--)
    members = pick(rng, changes)(members, rng);
  const built = buildZip(members);
  for (let left = rng.below(4); left > 0; left--) {
    const { at, width } = pick(rng, built.fields);
    const value = rng.below(3) === 0 ? numberOf(built.bytes, pick(rng, built.fields)) : edgeBytes(rng, width);
    value.copy(built.bytes, at, 0, width);
  }
  return built.bytes;
};

/** A number that stands elsewhere, as bytes: the offset of another member, say. */
function numberOf(bytes: Buffer, { at, width }: { at: number; width: number }): Buffer {
  return Buffer.concat([bytes.subarray(at, at + width), Buffer.alloc(8)]).subarray(0, 8);
}

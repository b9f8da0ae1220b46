// Zip files: members as sources of their own, read by ranges; and every way of lying about them.
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, memorySource } from '../../src/formats/byte-source.js';
import { readZip } from '../../src/formats/zip.js';
import { messageOf } from './message-of.js';
import { type MemberBytes, zipBytes } from './zip-bytes.js';

const file = (bytes: Uint8Array): ByteSource => memorySource(bytes, 'x.zip');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function contentOf(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const member = await (await readZip(file(bytes))).member(name);
  return member.read(new Uint8Array(member.size), 0);
}

/** Compresses to little, and to more than what is inflated at once where it is long. */
function content(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * i) >>> 7);
}

describe('members', () => {
  it('are listed in the order of the directory, without folders', async () => {
    const bytes = zipBytes([
      { name: 'b', content: text('one') },
      { name: 'a/', content: text('') },
      { name: 'a/ü.npy', content: text('two two two two'), method: 8, flags: 0x800 },
    ]);
    const { members } = await readZip(file(bytes));
    expect([...members.keys()]).toEqual(['b', 'a/ü.npy']);
    expect(members.get('b')).toMatchObject({ size: 3, compressedSize: 3, deflated: false, headerAt: 0 });
    expect(members.get('a/ü.npy')).toMatchObject({ size: 15, compressedSize: 8, deflated: true });
  });

  it('are read by any ranges, stored or deflated, small or large, in any order and at once', async () => {
    const range = fc.tuple(fc.nat(), fc.nat());
    const sizes = fc.constantFrom(0, 1, 1000, 2 ** 16, 2 ** 16 + 1, 300_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: sizes, deflated: fc.boolean() }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), range), { maxLength: 12 }),
        fc.boolean(),
        async (shapes, reads, atOnce) => {
          const given = shapes.map(({ size, deflated }, i): MemberBytes => {
            return { name: `m${i}`, content: content(size), method: deflated ? 8 : 0 };
          });
          const zip = await readZip(file(zipBytes(given)));
          const sources = await Promise.all(given.map(({ name }) => zip.member(name)));
          const jobs = reads.map(([m, [a, b]]) => async () => {
            const i = m % given.length;
            const whole = given[i].content;
            const [from, to] = [a, b].map((n) => n % (whole.length + 1)).sort((x, y) => x - y);
            const read = await sources[i].read(new Uint8Array(to - from), from);
            expect(Buffer.compare(read, whole.subarray(from, to))).toBe(0);
          });
          if (atOnce) await Promise.all(jobs.map((job) => job()));
          else for (const job of jobs) await job();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of many small pieces read no more than their bytes and what lies near', async () => {
    const big = content(2 ** 20);
    const bytes = zipBytes([
      { name: 'big', content: big },
      { name: 'small', content: text('small') },
    ]);
    let most = 0;
    let total = 0;
    const source = file(bytes);
    const read: ByteSource['read'] = (out, position) => {
      most = Math.max(most, out.length);
      total += out.length;
      return source.read(out, position);
    };
    const zip = await readZip({ name: source.name, size: source.size, read });
    const member = await zip.member('big');
    expect(await member.read(new Uint8Array(4), 500_000)).toEqual(big.subarray(500_000, 500_004));
    expect(most).toBeLessThanOrEqual(2 ** 17);
    expect(total).toBeLessThan(2 ** 18);
  });

  it('say where they are when a read goes beyond them', async () => {
    const zip = await readZip(file(zipBytes([{ name: 'a', content: text('abc') }])));
    const member = await zip.member('a');
    expect(await messageOf(member.read(new Uint8Array(3), 1))).toBe(
      'x.zip, member a: it ends too early; found 3 bytes; expected 3 bytes at offset 1',
    );
    expect(await messageOf(zip.member('b'))).toBe('x.zip, member b: it is not in the zip file');
  });
});

describe('a member that was read whole is checked', () => {
  const claims: [string, MemberBytes, string][] = [
    [
      'stored, damaged',
      { name: 'a', content: text('abc'), claim: { crc: 7 } },
      'its bytes are damaged; found CRC-32 352441c2; expected 00000007',
    ],
    [
      'deflated, damaged',
      { name: 'a', content: text('abc'), method: 8, claim: { crc: 7 } },
      'its bytes are damaged',
    ],
    [
      'large, damaged',
      { name: 'a', content: content(200_000), method: 8, claim: { crc: 7 } },
      'its bytes are damaged',
    ],
    [
      'small, more',
      { name: 'a', content: content(900), method: 8, claim: { size: 800 } },
      'more bytes come out than were claimed; found more than 800; expected 800',
    ],
    [
      'large, more',
      { name: 'a', content: content(200_000), method: 8, claim: { size: 199_999 } },
      'more bytes come out than were claimed; found more than 199999',
    ],
    [
      'a bomb behind a small claim',
      { name: 'a', content: new Uint8Array(2 ** 26), method: 8, claim: { size: 100 } },
      'more bytes come out than were claimed; found more than 100',
    ],
    [
      'small, fewer',
      { name: 'a', content: content(900), method: 8, claim: { size: 901 } },
      'fewer bytes come out than were claimed; found 900; expected at least 901',
    ],
    [
      'large, fewer',
      { name: 'a', content: content(200_000), method: 8, claim: { size: 200_001 } },
      'fewer bytes come out than were claimed; found 200000; expected at least 200001',
    ],
    [
      'small, not deflated',
      { name: 'a', content: content(900), method: 8, stored: text('no deflate') },
      'it does not inflate; found',
    ],
    [
      'large, not deflated',
      { name: 'a', content: content(200_000), method: 8, stored: text('no deflate') },
      'it does not inflate; found',
    ],
    [
      'large, cut',
      { name: 'a', content: content(200_000), method: 8, stored: Buffer.of(0xec, 0xc1) },
      'it does not inflate; found unexpected end of file',
    ],
  ];
  it.each(claims)('%s', async (_, member, message) => {
    const text = await messageOf(contentOf(zipBytes([member]), 'a'));
    expect(text).toContain('x.zip, member a: ');
    expect(text).toContain(message);
  });

  it('in pieces too, also when one was read before', async () => {
    const bytes = zipBytes([{ name: 'a', content: content(200_000), method: 8, claim: { crc: 7 } }]);
    const member = await (await readZip(file(bytes))).member('a');
    await member.read(new Uint8Array(150_000), 0);
    await member.read(new Uint8Array(1000), 100_000);
    expect(await messageOf(member.read(new Uint8Array(100_000), 100_000))).toContain('its bytes are damaged');
  });

  it('but only once, and sound ones pass, in pieces that overlap', async () => {
    for (const method of [0, 8]) {
      const whole = content(200_000);
      const member = await (await readZip(file(zipBytes([{ name: 'a', content: whole, method }])))).member(
        'a',
      );
      for (const [from, to] of [
        [0, 150_000],
        [100_000, 160_000],
        [10, 20],
        [100_000, 200_000],
        [0, 200_000],
      ]) {
        const read = await member.read(new Uint8Array(to - from), from);
        expect(Buffer.compare(read, whole.subarray(from, to))).toBe(0);
      }
    }
  });

  it('and fails again in the same way', async () => {
    const stored = text('no deflate');
    const bytes = zipBytes([{ name: 'a', content: content(200_000), method: 8, stored }]);
    const member = await (await readZip(file(bytes))).member('a');
    const [once, again] = [1000, 2000].map((at) => () => messageOf(member.read(new Uint8Array(9), at)));
    expect(await once()).toBe(await again());
  });

  it('but not one of which a part was left out', async () => {
    const bytes = zipBytes([{ name: 'a', content: content(1000), claim: { crc: 7 } }]);
    const member = await (await readZip(file(bytes))).member('a');
    await expect(member.read(new Uint8Array(500), 500)).resolves.toBeDefined();
  });

  it('and the next one is read all the same', async () => {
    const bytes = zipBytes([
      { name: 'a', content: content(200_000), method: 8, claim: { size: 300_000 } },
      { name: 'b', content: content(200_000), method: 8 },
    ]);
    const zip = await readZip(file(bytes));
    const [a, b] = [await zip.member('a'), await zip.member('b')];
    await messageOf(a.read(new Uint8Array(300_000), 0));
    expect(Buffer.compare(await b.read(new Uint8Array(200_000), 0), content(200_000))).toBe(0);
    expect(await a.read(new Uint8Array(2), 1000)).toEqual(content(1002).subarray(1000));
  });
});

describe('a zip file is refused', () => {
  const a: MemberBytes = { name: 'a', content: text('abc') };
  const b: MemberBytes = { name: 'b', content: text('defg') };
  const claiming = (member: MemberBytes, claim: MemberBytes['claim']): MemberBytes => ({
    ...member,
    claim: claim ?? {},
  });
  const sound = zipBytes([a, b]);
  const cases: [string, Uint8Array, string][] = [
    [
      'that climbs out',
      zipBytes([a, { ...b, name: '../b' }]),
      'x.zip, member number 2: it is not a sound zip file; found invalid relative path: ../b',
    ],
    [
      'that climbs out from within',
      zipBytes([{ ...b, name: 'a/../../b' }]),
      'invalid relative path: a/../../b',
    ],
    [
      'that climbs out by backslashes',
      zipBytes([{ ...b, name: 'a\\..\\b' }]),
      'invalid relative path: a/../b',
    ],
    [
      'with an absolute path',
      zipBytes([{ ...b, name: '/etc/passwd' }]),
      'member number 1: it is not a sound zip file; found absolute path: /etc/passwd',
    ],
    ['with a drive', zipBytes([{ ...b, name: 'C:b' }]), 'absolute path: C:b'],
    [
      'with a name twice',
      zipBytes([a, { ...b, name: 'a' }]),
      'x.zip, member a: it stands twice in the zip file',
    ],
    [
      'with an endless name',
      zipBytes([{ ...a, name: 'n'.repeat(5000) }]),
      `x.zip, member ${'n'.repeat(80)}…: its name is too long; found 5000; expected at most 4096 characters`,
    ],
    [
      'with an endless name that climbs out',
      zipBytes([{ ...a, name: `../${'n'.repeat(5000)}` }]),
      `invalid relative path: ../${'n'.repeat(100)}`,
    ],
    [
      'that is encrypted',
      zipBytes([{ ...a, flags: 1, claim: { size: 3, compressedSize: 15 } }]),
      'x.zip, member a: it is encrypted',
    ],
    [
      'of another compression',
      zipBytes([{ ...a, method: 14 }]),
      'x.zip, member a: its compression cannot be read; found method 14; expected 0 (stored) or 8 (deflated)',
    ],
    [
      'whose members overlap',
      zipBytes([a, claiming(b, { headerAt: 5 })]),
      'x.zip, member a: it overlaps what comes after it; found 3 bytes from offset 30 on; expected none beyond 5',
    ],
    ['whose members are one', zipBytes([a, claiming(b, { headerAt: 0 })]), 'overlaps what comes after it'],
    [
      'whose last member reaches into the directory',
      zipBytes([a, claiming(b, { size: 40, compressedSize: 40 })]),
      'x.zip, member b: it overlaps what comes after it',
    ],
    [
      'whose member begins in the directory',
      zipBytes([claiming(a, { headerAt: 40 })]),
      'overlaps what comes after it',
    ],
    [
      'whose member begins beyond the end',
      zipBytes([claiming(a, { headerAt: 2 ** 31 })]),
      'overlaps what comes after it',
    ],
    [
      'with two sizes of a stored member',
      zipBytes([claiming(a, { size: 2 ** 31 })]),
      'compressed/uncompressed size mismatch for stored file: 3 != 2147483648',
    ],
    [
      'that claims too much',
      zipBytes([{ ...a, method: 8, claim: { size: 2 ** 30 } }]),
      'x.zip, member a: it claims to inflate to far more than there is; found 1073741824 bytes up to this member, in a file of',
    ],
    [
      'that claims too much in all',
      zipBytes([0, 1, 2].map((i) => ({ name: `m${i}`, content: text(''), method: 8, claim: { size: 3e7 } }))),
      'x.zip, member m2: it claims to inflate to far more than there is; found 90000000 bytes',
    ],
    [
      'of too many members',
      zipBytes([a], 10_001),
      'x.zip: it has too many members; found 10001; expected at most 10000',
    ],
    [
      'that claims members which are not there',
      zipBytes([a, b], 3),
      'x.zip: it ends too early; found 185 bytes; expected 46 bytes at offset 163',
    ],
    [
      'without its end',
      sound.subarray(0, -30),
      'x.zip: it is not a sound zip file; found End of central directory record signature not found',
    ],
    ['with bytes after its end', Buffer.concat([sound, text('more')]), 'Invalid comment length'],
    ['that is empty', new Uint8Array(0), 'x.zip: it is not a sound zip file'],
  ];
  it.each(cases)('%s', async (_, bytes, message) => {
    expect(await messageOf(readZip(file(bytes)))).toContain(message);
  });

  it.each([
    [
      'without a local header',
      claiming(b, { headerAt: 35 }),
      'x.zip, member b, offset 35: it is not a sound zip file; found invalid local file header signature',
    ],
    [
      'with a longer local header',
      { ...b, localExtra: new Uint8Array(3), claim: {} },
      'x.zip, member b: it overlaps what comes after it; found 4 bytes from offset',
    ],
  ])('once a member %s is read', async (_, member, message) => {
    const bytes = Buffer.from(zipBytes([a, member]));
    // The length of the extra field of b's local header, which is longer than there is room for.
    if (member.localExtra) bytes.writeUInt16LE(9, 34 + 28);
    const zip = await readZip(file(bytes));
    expect(await messageOf(zip.member('b'))).toContain(message);
  });
});

it('sizes and offsets of 64 bits are read as those of 32', async () => {
  const bytes = await readFile(new URL('../fixtures/npy/zip64.npz', import.meta.url));
  const { members } = await readZip(file(bytes));
  expect([...members.keys()]).toEqual(['W_enc.npy', 'nested/b.npy', 'step.npy']);
  expect((await contentOf(bytes, 'step.npy')).at(-8)).toBe(7);
});

// Safetensors files that are refused: headers that lie, files that were cut short, and what is no file.
import { truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { oneFile, rawSafetensors as raw } from './raw-safetensors.js';

const onDisk = oneFile();

describe('an unsound file is refused', () => {
  const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) =>
    JSON.stringify({ dtype: 'F32', shape, data_offsets: [begin, end] });
  const cases: [string, Uint8Array, string][] = [
    ['empty', new Uint8Array(0), 'found 0 bytes; expected at least 8 bytes'],
    ['header longer than the file', raw('{}', 0).subarray(0, 9), 'found 9 bytes; expected 10 bytes or more'],
    ['huge header', new Uint8Array(8).fill(255), 'expected 18446744073709551623 bytes or more'],
    ['not JSON', raw('{"a":', 0), 'the header is not JSON; found "{\\"a\\":"; expected JSON'],
    ['not UTF-8', Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x22, 0xff]), 'the header is not UTF-8'],
    ['not an object', raw('[]', 0), 'the header is not a JSON object'],
    [
      'truncated data',
      raw(`{"w":${f32(0, 8)}}`, 5),
      'tensor w: the file ends before its data; found 5 bytes of data; expected at least 8',
    ],
    [
      'data left over',
      raw(`{"w":${f32(0, 8)}}`, 9),
      'there are bytes after the last tensor; found 9 bytes of data; expected 8',
    ],
    [
      'overlap',
      raw(`{"v":${f32(0, 8)},"w":${f32(4, 12)}}`, 12),
      'tensor w: it overlaps the tensor before it; found begin 4; expected begin 8',
    ],
    [
      'hole',
      raw(`{"v":${f32(0, 4)},"w":${f32(8, 12)}}`, 12),
      'tensor w: there is a hole before it; found begin 8; expected begin 4',
    ],
    [
      'bytes against shape',
      raw(`{"w":${f32(0, 8, [3])}}`, 8),
      'found 8 bytes; expected 12 bytes for F32 [3]',
    ],
    ['negative shape', raw(`{"w":${f32(0, 8, [-2, -1])}}`, 8), 'tensor w: its shape is wrong; found [-2,-1]'],
    [
      'fractional shape',
      raw(`{"w":${f32(0, 8, [0.5, 4])}}`, 8),
      'tensor w: its shape is wrong; found [0.5,4]',
    ],
    [
      'offsets reversed',
      raw('{"w":{"dtype":"F32","shape":[],"data_offsets":[8,4]}}', 8),
      'its data_offsets are wrong; found [8,4]',
    ],
    [
      'three offsets',
      raw('{"w":{"dtype":"F32","shape":[],"data_offsets":[0,4,4]}}', 4),
      'its data_offsets are wrong',
    ],
    [
      'more dimensions than there are',
      raw(`{"w":${f32(0, 4, Array(65).fill(1))}}`, 4),
      'tensor w: its shape is wrong; found [1,1,1',
    ],
    [
      'petabytes',
      raw(`{"w":${f32(0, 2 ** 52)}}`, 4),
      'tensor w: the file ends before its data; found 4 bytes of data',
    ],
    [
      'more values than can be counted',
      raw(`{"w":${f32(0, 4, [2 ** 50, 2 ** 50, 2 ** 50])}}`, 4),
      'found 4 bytes; expected 5.7',
    ],
    [
      'a name without end',
      raw(`{"${'w'.repeat(5000)}":4}`, 0),
      `tensor ${'w'.repeat(80)}…: its name is too long; found 5000`,
    ],
    [
      'deep nesting',
      raw(`{"w":${'['.repeat(1e6)}`, 0),
      'header, offset 7: it is nested too deeply; expected at most 3',
    ],
    [
      'objects without end',
      raw(`{"w":[${'{},'.repeat(1e6)}{}]}`, 0),
      'header, offset 3000002: it has too many parts',
    ],
    [
      'long values',
      raw(`{"w":"${'\\"'.repeat(1e6)}"}`, 0),
      'tensor w: its entry is not an object; found """',
    ],
    [
      'unknown type',
      raw('{"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}', 4),
      'tensor w: its element type cannot be read; found F8_E4M3; expected one of F64',
    ],
    [
      'inherited name as type',
      raw('{"w":{"dtype":"toString","shape":[4],"data_offsets":[0,4]}}', 4),
      'its element type cannot be read; found toString',
    ],
    ['entry is no object', raw('{"w":4}', 0), 'tensor w: its entry is not an object; found 4'],
    [
      'metadata of numbers',
      raw('{"__metadata__":{"a":1}}', 0),
      '__metadata__: wrong metadata; found {"a":1}',
    ],
    [
      'tensor twice',
      raw(`{"w":${f32(0, 4)}, "\\u0077" :${f32(0, 4)}}`, 4),
      'w: a key stands twice in the header',
    ],
    [
      'field twice',
      raw('{"w":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
      'dtype: a key stands twice',
    ],
  ];
  it.each(cases)('%s', async (_, bytes, message) => {
    const file = await onDisk(bytes);
    const error = await readSafetensors(file).catch((e) => e);
    expect(error).toMatchObject({ name: 'ReseedError', code: 'input.format' });
    expect(error.message).toContain(message);
    expect(error.message).toContain(file);
  });

  it('a header longer than the format allows', async () => {
    const file = await onDisk(Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0));
    await truncate(file, 2e8);
    const error = await readSafetensors(file).catch((e) => e);
    expect(error.message).toContain(
      'its header is too long; found 100000001 bytes; expected at most 100000000',
    );
  });

  it('a file cut short at any byte', async () => {
    const bytes = encodeSafetensors({ w: { shape: [2], data: new Float32Array([1, 2]) } });
    for (let length = 0; length < bytes.length; length++) {
      const error = await readSafetensors(await onDisk(bytes.subarray(0, length))).catch((e) => e);
      expect(error).toMatchObject({ code: 'input.format' });
    }
  });

  it('a file that is not there, or is a folder', async () => {
    const folder = dirname(await onDisk(new Uint8Array(0)));
    await expect(readSafetensors(join(folder, 'none'))).rejects.toThrow(
      'none: cannot read it: there is no such file',
    );
    await expect(readSafetensors(folder)).rejects.toMatchObject({ code: 'input.file' });
  });
});

// .pt files that PyTorch wrote: tensors and values as torch itself reads them, and a clear message for all else.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openTensorFile } from '../../src/formats/open-tensor-file.js';
import type { Tensor } from '../../src/formats/tensor.js';
import type { PlainValue } from '../../src/formats/tensor-file.js';
import { torchFile } from '../../src/formats/torch.js';
import type { Zip } from '../../src/formats/zip-members.js';

const folder = fileURLToPath(new URL('../fixtures/torch/', import.meta.url));
const expected: Record<string, { tensors: Record<string, Described>; values?: PlainValue }> = JSON.parse(
  readFileSync(`${folder}expected.json`, 'utf8'),
);

interface Described {
  readonly dtype: string;
  readonly shape: number[];
  /** Whole numbers of 64 bits as text. */
  readonly values: (number | string)[];
}

function described({ dtype, shape, data }: Tensor): Described {
  const values = [...data].map((value) => (typeof value === 'bigint' ? `${value}` : value));
  return { dtype: dtype as string, shape: [...shape], values };
}

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'read',
    (error) => `${error.code}: ${error.message.replace(folder, '')}`,
  );

describe.each(Object.entries(expected))('%s', (name, { tensors, values }) => {
  it('has the tensors and values that torch reads', async () => {
    await openTensorFile(`${folder}${name}.pt`, async (file) => {
      expect(file.format).toBe('torch');
      expect([...file.tensors.keys()]).toEqual(Object.keys(tensors));
      for (const [path, tensor] of Object.entries(tensors)) {
        const read = await file.read(path);
        expect(described(read)).toEqual(tensor);
        expect(read.data.buffer).toBeInstanceOf(SharedArrayBuffer);
        expect(file.tensors.get(path)).toMatchObject({ dtype: tensor.dtype, shape: tensor.shape });
      }
      if (values !== undefined) expect(file.values).toEqual(values);
    });
  });

  it('gives any of its rows', async () => {
    await openTensorFile(`${folder}${name}.pt`, async (file) => {
      for (const { name, shape } of file.tensors.values()) {
        if (shape.length === 0) continue;
        const { data } = await file.read(name);
        const width = data.length / shape[0] || 0;
        for (let from = 0; from <= shape[0]; from++) {
          for (let to = from; to <= shape[0]; to++) {
            const rows = await file.read(name, { from, to });
            expect(rows.shape).toEqual([to - from, ...shape.slice(1)]);
            expect(rows.data).toEqual(data.slice(from * width, to * width));
          }
        }
      }
    });
  });
});

it('plain values stand beside the tensors as they were', async () => {
  const values = await openTensorFile(`${folder}checkpoint.pt`, async (file) => file.values);
  const { optimizer, ...rest } = values as Record<string, PlainValue>;
  expect(rest).toEqual({
    model_state_dict: {},
    d_model: 3,
    numbers: [
      0,
      -1,
      255,
      256,
      65535,
      65536,
      -(2 ** 31),
      2 ** 31,
      2 ** 53 - 1,
      2n ** 70n,
      -(2n ** 70n),
      1e-300,
      Number.POSITIVE_INFINITY,
    ],
    flags: [true, false, null],
    text: 'naïve β 🙂',
    named: { 1: 'same as 1', 2.5: 'two and a half' },
    shared: [
      [1, 2],
      [1, 2],
    ],
    ordered: { b: 1, a: 2 },
    default: { x: 3 },
    set: [7],
    bytes: 'a\xff',
    size: [3, 4],
    device: 'cuda:1',
    dtype: 'torch.bfloat16',
    numpy: [0.1, Math.fround(0.1), 0.0999755859375, -(2n ** 62n), 200, true],
    namespace: { __class__: 'argparse.Namespace', lr: 0.1, layers: [1, 2] },
    class: 'collections.Counter',
    // An own key like any other, not the prototype.
    ['__proto__']: { polluted: true },
  });
  expect(Object.getPrototypeOf(rest)).toBe(Object.prototype);
  expect(optimizer).toMatchObject({
    param_groups: [{ lr: 1e-3, betas: [0.9, 0.999], params: [0, 1, 2, 3] }],
  });
});

const wouldRun = (name: string, byte: number, member = '/data.pkl') =>
  new RegExp(
    `${member} byte ${byte}: it asks for ${name}, which would run code; expected .*torch\\.save\\(model\\.state_dict`,
  );

describe('what is refused, and how', () => {
  const messages: Record<string, RegExp> = {
    legacy:
      /legacy\.pt: .*found torch\.save's format of before PyTorch 1\.6; expected .*torch\.save\(torch\.load\(file/,
    'legacy-4': /before PyTorch 1\.6/,
    tar: /tar file, as of before PyTorch 0\.2/,
    script: /TorchScript program.*torch\.jit\.load\(file, map_location='cpu'\)\.state_dict\(\)/,
    'plain-pickle': /found a pickle that was not written by torch\.save/,
    'plain-system': wouldRun('posix.system', 28, 'pickle'),
    system: wouldRun('posix.system', 2),
    eval: wouldRun('builtins.eval', 208),
    newobj: wouldRun('posix.system', 2),
    'newobj-ex': wouldRun('posix.system', 17),
    inst: wouldRun('posix.system', 12),
    obj: wouldRun('posix.system', 3),
    text: /byte 15: it has an opcode that torch\.save does not write; found STRING, after asking for posix\.system/,
    'numpy-array': wouldRun('numpy._core.multiarray._reconstruct', 178),
    sparse: wouldRun('torch.serialization._get_layout', 41),
    complex: /cannot be read; found torch\.ComplexFloatStorage; expected torch\.float64, torch\.float32/,
    float8: /cannot be read; found torch\.float8_e4m3fn/,
    quantized: /cannot be read; found torch\.QUInt8Storage/,
    negative: /a lazy negative or conjugate; expected .*resolve_neg/,
    storage: /at s: it is a storage without a tensor/,
    'self-list': /at 0: it holds itself/,
    'self-dict': /at model\/again: it holds itself/,
    deep: /at 0\/0\/0\/.*: it is nested too deeply; expected at most 64 levels/,
    laughs: /its values would take too much memory; .*expected at most 67108864, beside the tensors/,
    'same-name': /at a\/b: two tensors have this name/,
    'same-key': /at 1: two keys have this name/,
    'tuple-key': /a key that makes no name; found \(1, 2\)/,
    'long-key': /a key that is too long; found 5000; expected at most 4096/,
    'long-name': /the name of its tensor is too long; found 5001; expected at most 4096/,
    'negative-offset': /byte 149: its tensor has a wrong offset; found -1/,
    outside: /data\/0, tensor tensor: .*found 24 bytes; expected 32 for F32 \[2 × 3\]/,
    'giant-stride': /wrong strides; found \(4611686018427387904, 1\)/,
    'wide-stride': /tensor tensor: .*found 24 bytes; expected 18014398509481990 for F32/,
    'negative-stride': /wrong strides; found \(-1\)/,
    overlap: /tensor tensor: its elements lie on each other/,
    'missing-stride': /wrong strides; found 1; expected 2/,
    'no-storage': /its tensor has no storage; found "storage"/,
    cut: /byte 11: it ends too early/,
    'no-pickle': /byte 0: it has an opcode that torch\.save does not write; found byte 123/,
    'short-storage':
      /data\/0, tensor tensor: its storage has another size.*found 20 bytes; expected 24 for 6 of F32/,
    'long-storage': /another size.*found 28 bytes; expected 24/,
    'no-data': /member tensor\/data\/0: it is not in the zip file/,
    byteorder: /member tensor\/byteorder: its byte order is unknown; found middle; expected little or big/,
  };

  it.each(Object.entries(messages))('%s', async (name, message) => {
    const said = await messageOf(openTensorFile(`${folder}refused/${name}.pt`, async () => 'opened'));
    expect(said).toMatch(message);
    expect(said).toMatch(new RegExp(`^input\\.format: refused/${name}\\.pt[,:]`));
  });

  it('has a message for every file', () => {
    const files = readdirSync(`${folder}refused`).map((file) => file.replace('.pt', ''));
    expect(files.filter((name) => !(name in messages))).toEqual(['huge']);
  });

  it('and nothing was run', () => {
    expect(existsSync('/tmp/reseed-was-here')).toBe(false);
  });
});

it('a repeated element that claims petabytes opens, and is refused where it is read', async () => {
  await openTensorFile(`${folder}refused/huge.pt`, async (file) => {
    expect(file.tensors.get('huge')?.shape).toEqual([2 ** 40, 256]);
    expect(await messageOf(file.read('huge'))).toMatch(/tensor huge: it claims far more than its file holds/);
    expect((await file.read('huge', { from: 5, to: 7 })).data).toEqual(new Float32Array(512).fill(0.5));
    expect((await file.read('small')).data).toEqual(Float32Array.of(0.5, -2, 3, 0, 1, 100));
  });
});

it('a pickle of gigabytes is refused before it is read', async () => {
  const read = () => Promise.reject(new Error('read'));
  const source = { name: 'x.pt', size: 2 ** 34, read };
  const member = { name: 'x.pt, member a/data.pkl', size: 2 ** 33, read };
  const members = new Map([['a/data.pkl', {}]]) as unknown as Zip['members'];
  const zip: Zip = { members, member: async () => member };
  expect(await messageOf(torchFile(source, zip))).toBe(
    'input.format: x.pt, member a/data.pkl: its pickle is too long; found 8589934592 bytes; ' +
      'expected at most 67108864: tensors lie beside it',
  );
});

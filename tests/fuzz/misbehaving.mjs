// Stands in for a reader with faults: each file says what goes wrong when it is opened.
import { readFileSync } from 'node:fs';
import { ReseedError } from '../../dist/errors.js';

const entry = { name: 'a', dtype: 'U8', shape: [3, 1] };

/** A file of one tensor. */
function tensors(file, read) {
  return { file, format: 'npy', size: 3, tensors: new Map([['a', entry]]), values: {}, read };
}

const faults = {
  crash: () => process.exit(7),
  hang: () => new Promise(() => undefined),
  'too much memory': () => new Float64Array(2 ** 20),
  'much memory that is not kept': () => {
    for (let i = 0; i < 100; i++) new SharedArrayBuffer(2 ** 16);
  },
  'no heap left': () => {
    const held = [];
    for (;;) held.push({ at: held.length, more: [held.length] });
  },
  slow: () => {
    let sum = 0;
    while (process.cpuUsage().user < 2.5e6) for (let i = 0; i < 1e7; i++) sum += i;
    return sum;
  },
  'another error': () => null.tensors,
  'another code': (file) => {
    throw new ReseedError('internal.kernel', 'wrong', { file });
  },
  'no file in the message': () => {
    throw new ReseedError('input.format', 'wrong');
  },
  'an endless message': (file) => {
    throw new ReseedError('input.format', 'wrong', { file, found: 'a'.repeat(20_000) });
  },
  'control characters': (file) => {
    throw Object.assign(new ReseedError('input.format', 'wrong'), { message: `${file}: \u001b[2J` });
  },
  'fewer values': (file, use) => use(tensors(file, async () => ({ ...entry, data: Uint8Array.of(1, 2) }))),
  'another type': (file, use) =>
    use(tensors(file, async () => ({ ...entry, dtype: 'I8', data: Uint8Array.of(1, 2, 3) }))),
  'other rows': (file, use) =>
    use(
      tensors(file, async (_, rows) => ({
        ...entry,
        data: rows ? Uint8Array.of(1) : Uint8Array.of(1, 2, 3),
      })),
    ),
};

const sound = async (_, rows) => ({ ...entry, data: rows ? Uint8Array.of(2) : Uint8Array.of(1, 2, 3) });

export async function openTensorFile(file, use) {
  const fault = faults[readFileSync(file, 'utf8')];
  await fault(file, use);
  if (fault.length < 2) await use(tensors(file, sound));
}

// Files and folders that are dropped, as the browser tells of them.
import { expect, it } from 'vitest';
import { chosenFiles, droppedFiles } from '../../explorer/src/parts/dropped-files.js';
import { nameOf, namesOf } from '../../explorer/src/state/comparison.js';

const file = (name: string) => ({
  name,
  isFile: true,
  file: (found: (file: File) => void) => found(new File([name], name)),
});

/** A folder that tells of its entries two at a time. */
const folder = (name: string, entries: readonly object[]) => ({
  name,
  isFile: false,
  createReader: () => {
    let at = 0;
    return {
      readEntries: (found: (entries: readonly object[]) => void) => {
        found(entries.slice(at, at + 2));
        at += 2;
      },
    };
  },
});

const transfer = (entries: readonly (object | null)[], files: readonly File[] = []) =>
  ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files }) as unknown as DataTransfer;

it('gathers all files of a folder, by their paths from it on', async () => {
  const deep = folder('checkpoints', [file('ae.pt')]);
  const found = await droppedFiles(
    transfer([folder('sae', [file('a'), file('b'), file('c'), deep]), file('d')]),
  );
  expect(found.map(({ path }) => path)).toEqual(['sae/a', 'sae/b', 'sae/c', 'sae/checkpoints/ae.pt', 'd']);
  expect(await found[3].file.text()).toBe('ae.pt');
});

it('stops at a thousand files', async () => {
  const many = folder(
    'x',
    Array.from({ length: 1500 }, (_, i) => file(String(i))),
  );
  expect(await droppedFiles(transfer([many]))).toHaveLength(1000);
});

it('takes plain files where nothing is told of entries', async () => {
  const files = [new File([''], 'a.npy')];
  expect(await droppedFiles(transfer([null], files))).toEqual(chosenFiles(files));
});

it('calls a side by its folder, or by the file of weights, and two of one name apart', () => {
  const some = (...paths: string[]) => paths.map((path) => ({ path, file: new Blob() }));
  expect(nameOf(some('seed0/cfg.json', 'seed0/w.safetensors'))).toBe('seed0');
  expect(nameOf(some('cfg.json', 'w.safetensors'))).toBe('w.safetensors');
  expect(nameOf([])).toBe('');
  expect(namesOf([some('a/x'), some('b/x')])).toEqual(['a', 'b']);
  expect(namesOf([some('x'), some('x')])).toEqual(['x (first)', 'x (second)']);
});

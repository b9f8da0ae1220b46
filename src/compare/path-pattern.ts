// A shell pattern for paths that differ in one place: `runs/seed*/ae.pt`.
import { readdir, stat } from 'node:fs/promises';

/** With one `*`; undefined where no such pattern stands for these paths and no others, as far as the disk tells. */
export async function patternOf(paths: readonly string[]): Promise<string | undefined> {
  const parts = paths.map((path) => path.split('/'));
  const [first] = parts;
  if (parts.some(({ length }) => length !== first.length)) return undefined;
  const differing = first.map((_, i) => i).filter((i) => new Set(parts.map((one) => one[i])).size > 1);
  if (differing.length !== 1) return undefined;
  const [at] = differing;
  const names = parts.map((one) => one[at]);
  const before = sharedStart(names);
  const after = reversed(sharedStart(names.map((name) => reversed(name.slice(before.length)))));
  const [folder, rest] = [first.slice(0, at), first.slice(at + 1)];
  const pattern = [...folder, `${before}*${after}`, ...rest].join('/');
  // Such characters mean something to a shell.
  if (!/^[\w@%+=:,./*-]+$/.test(pattern)) return undefined;
  const beside = await readdir(folder.join('/') || (at === 0 ? '.' : '/')).catch(() => []);
  for (const name of beside) {
    const fits =
      name.startsWith(before) && name.endsWith(after) && name.length >= before.length + after.length;
    // A shell lets hidden files be.
    if (!fits || names.includes(name) || (before === '' && name.startsWith('.'))) continue;
    if (await stat([...folder, name, ...rest].join('/')).catch(() => undefined)) return undefined;
  }
  return pattern;
}

function sharedStart(names: readonly string[]): string {
  const [first] = names;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length++;
  return first.slice(0, length);
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}

// The files of what was dropped on the page or chosen in it, those of folders among them.
import type { DroppedFile } from '../data/comparison.js';

/** A folder of more files is no checkpoint. */
const most = 1000;

/** Of files that were chosen. */
export function chosenFiles(files: Iterable<File>): DroppedFile[] {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Of what was dropped. To be called while the drop is handled: later nothing is told of it. */
export async function droppedFiles(data: DataTransfer): Promise<DroppedFile[]> {
  const entries = Array.from(data.items, (item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null)) return chosenFiles(data.files);
  const found: DroppedFile[] = [];
  for (const entry of entries) if (entry) await gather(entry, '', found);
  return found;
}

async function gather(entry: FileSystemEntry, within: string, found: DroppedFile[]): Promise<void> {
  if (found.length >= most) return;
  const path = `${within}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // It tells of some at a time, and of none when there are no more.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const one of some) await gather(one, `${path}/`, found);
  }
}

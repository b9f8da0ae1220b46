// The fuzz run as a program: for so many minutes, or one file again.
import { containers } from './containers.js';
import { type Fault, fuzz, type Tally } from './fuzz.js';
import { ReaderProcess } from './reader-process.js';

export interface FuzzArguments {
  readonly minutes: number;
  readonly seed: number;
  /** One container by its name; all where absent. */
  readonly container?: string | undefined;
  /** A file to read once more, instead of a run. */
  readonly file?: string | undefined;
}

const faults = 'fuzz-faults';

/** @returns whether there was no fault @throws Error where there is no such container */
export async function main({ minutes, seed, container, file }: FuzzArguments): Promise<boolean> {
  if (file !== undefined) return again(file);
  const chosen = containers.filter(({ name }) => container === undefined || name === container);
  if (chosen.length === 0) {
    throw new Error(
      `there is no container ${container}, but ${containers.map(({ name }) => name).join(', ')}`,
    );
  }
  let said = performance.now();
  const tallies = await fuzz({
    containers: chosen,
    seed,
    milliseconds: minutes * 60_000,
    faults,
    onFault: say,
    onProgress: (tallies) => {
      if (performance.now() - said < 30_000) return;
      said = performance.now();
      process.stderr.write(`${tallies.map((t) => `${t.container} ${t.inputs}`).join(', ')}\n`);
    },
  });
  process.stdout.write(table(tallies));
  return tallies.every((tally) => tally.faults.length === 0);
}

async function again(file: string): Promise<boolean> {
  const reader = new ReaderProcess();
  const { ending, message, milliseconds, bytes } = await reader.read(file);
  reader.stop();
  process.stdout.write(
    `${ending}: ${message}\n${Math.round(milliseconds)} ms, ${bytes} bytes in the dearest step\n`,
  );
  return ending !== 'fault';
}

function say({ container, input, message, file }: Fault): void {
  process.stderr.write(`${container} ${input}: ${message}\n  again: npm run fuzz -- --file ${file}\n`);
}

function table(tallies: readonly Tally[]): string {
  const rows = [['container', 'inputs', 'read', 'refused', 'messages', 'faults', 'longest ms', 'most MiB']];
  for (const { container, inputs, read, refused, messages, faults, milliseconds, bytes } of tallies) {
    const counts = [inputs, read, refused, messages.size, faults.length, Math.round(milliseconds)];
    rows.push([container, ...counts.map(String), (bytes / 2 ** 20).toFixed(1)]);
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

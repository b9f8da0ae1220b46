// The fuzz run: damages files, has them read, and keeps what must not be. Every input is decided by the seed and those
// before it: a file that brings out a message nobody has seen yet is damaged further.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '../../src/tensor/rng.js';
import type { Container } from './containers.js';
import { pick } from './mutate-bytes.js';
import { type Outcome, ReaderProcess } from './reader-process.js';
import { contentOf, parseZip } from './zip-bytes.js';

export interface FuzzOptions {
  readonly containers: readonly Container[];
  readonly seed: number;
  /** Inputs of each container at the most; as many as time allows where absent. */
  readonly inputs?: number;
  readonly milliseconds?: number;
  /** Folder for inputs with faults; none are kept where absent. */
  readonly faults?: string;
  onFault?(fault: Fault): void;
  onProgress?(tallies: readonly Tally[]): void;
}

export interface Fault {
  readonly container: string;
  /** Which input of the container. */
  readonly input: number;
  readonly message: string;
  /** Where it was kept. */
  readonly file?: string;
}

/** What came of the inputs of a container. */
export interface Tally {
  readonly container: string;
  inputs: number;
  read: number;
  refused: number;
  /** Messages that differ in more than numbers and names. */
  readonly messages: Set<string>;
  milliseconds: number;
  bytes: number;
  readonly faults: Fault[];
}

/** Files with new messages that are kept to be damaged further, at the most. */
const mostGrown = 500;

/** @returns a tally for each container */
export async function fuzz(options: FuzzOptions): Promise<Tally[]> {
  const { containers, inputs = Number.POSITIVE_INFINITY, milliseconds = Number.POSITIVE_INFINITY } = options;
  const folder = await mkdtemp(join(tmpdir(), 'reseed-fuzz-'));
  const reader = new ReaderProcess();
  const end = performance.now() + milliseconds;
  const growing = containers.map((container) => new Growing(container, options.seed));
  const tallies = growing.map(({ tally }) => tally);
  try {
    for (let input = 0; input < inputs && performance.now() < end; input++) {
      for (const one of growing) {
        const bytes = one.next(input);
        const file = join(folder, 'input');
        await write(file, bytes, one.container);
        const outcome = await reader.read(file);
        one.learn(bytes, { ...outcome, message: outcome.message.replaceAll(file, 'input') });
        if (outcome.ending === 'fault') await keep(one, input, bytes, outcome, options);
      }
      if (input % 100 === 99) options.onProgress?.(tallies);
    }
  } finally {
    reader.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return tallies;
}

/** The files of a container, more and more of them. */
class Growing {
  readonly tally: Tally;
  /** Files that are read as they are. */
  private readonly sound: Buffer[] = [];
  private readonly grown: Buffer[] = [];

  constructor(
    readonly container: Container,
    private readonly seed: number,
  ) {
    const { name } = container;
    this.tally = {
      container: name,
      inputs: 0,
      read: 0,
      refused: 0,
      messages: new Set(),
      milliseconds: 0,
      bytes: 0,
      faults: [],
    };
  }

  /** The first inputs are the files as they are. */
  next(input: number): Buffer {
    const { name, files, mutate } = this.container;
    if (input < files.length) return files[input];
    const rng = new Rng(this.seed, name, input);
    const any = (): Buffer =>
      pick(rng, pick(rng, [this.sound, this.sound, files, this.grown].filter(isFilled)));
    return mutate(any(), rng, any);
  }

  learn(bytes: Buffer, { ending, message, milliseconds, bytes: allocated }: Outcome): void {
    const { tally } = this;
    tally.inputs++;
    tally.milliseconds = Math.max(tally.milliseconds, milliseconds);
    tally.bytes = Math.max(tally.bytes, allocated);
    if (ending === 'read') {
      tally.read++;
      if (tally.inputs <= this.container.files.length) this.sound.push(bytes);
    }
    if (ending !== 'refused') return;
    tally.refused++;
    const kind = message.replace(/"[^"]*"|[^\s;:,]*\d[^\s;:,]*/g, '#').slice(0, 300);
    if (tally.messages.has(kind)) return;
    tally.messages.add(kind);
    if (bytes.length > 2 ** 17) return;
    if (this.grown.length === mostGrown) this.grown.shift();
    this.grown.push(Buffer.from(bytes));
  }
}

function isFilled(files: readonly Buffer[]): boolean {
  return files.length > 0;
}

async function write(path: string, bytes: Buffer, { folders }: Container): Promise<void> {
  await rm(path, { recursive: true, force: true });
  if (!folders) return writeFile(path, bytes);
  await mkdir(path, { recursive: true });
  for (const member of parseZip(bytes) ?? [])
    await writeFile(join(path, String(member.name)), contentOf(member));
}

async function keep(
  { tally, container }: Growing,
  input: number,
  bytes: Buffer,
  { message }: Outcome,
  { faults, seed, onFault }: FuzzOptions,
): Promise<void> {
  const file = faults && join(faults, `${container.name}-${seed}-${input}`);
  if (faults && file) {
    await mkdir(faults, { recursive: true });
    await write(file, bytes, container);
  }
  const fault: Fault = { container: container.name, input, message, ...(file ? { file } : {}) };
  tally.faults.push(fault);
  onFault?.(fault);
}

// Writes the files of a case and runs its command in this process.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { vi } from 'vitest';
import { compareCommand } from '../../../src/cli/compare.js';
import { consensusCommand } from '../../../src/cli/consensus.js';
import { convertCommand } from '../../../src/cli/convert.js';
import { harvestCommand } from '../../../src/cli/harvest.js';
import { inspectCommand } from '../../../src/cli/inspect.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import type { Files } from './case.js';

const peers = new URL('../../fixtures/peers/', import.meta.url).pathname;

export async function write(folder: string, files: Files): Promise<void> {
  const named = Object.entries(files).map(([name, content]) => [join(folder, name), content] as const);
  for (const at of new Set(named.map(([file]) => dirname(file)))) await mkdir(at, { recursive: true });
  await Promise.all(named.map(([file, content]) => writeFile(file, bytesOf(content))));
}

function bytesOf(content: Files[string]): string | Uint8Array {
  if (typeof content === 'string' || content instanceof Uint8Array) return content;
  return 'json' in content ? JSON.stringify(content.json) : encodeSafetensors(...content);
}

/** A command in this process: what it prints, and the message of what it throws. */
export async function run(folder: string, line: string): Promise<{ printed: string; message: string }> {
  const args = line.split(' ').map((one) => one.replace(/@(?=[\w/]|$)/g, `${folder}/`).replace('%', peers));
  const program = new Command('reseed');
  for (const command of [
    compareCommand(),
    consensusCommand(),
    inspectCommand(),
    convertCommand(),
    harvestCommand(),
  ])
    program.addCommand(command.exitOverride());
  let printed = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    }),
  );
  const extras: Readonly<Record<string, readonly string[]>> = {
    compare: ['--draws', '2', '--threads', '1'],
    consensus: ['--no-cache', '--threads', '1'],
  };
  const extra = extras[args[0]] ?? [];
  try {
    await program.exitOverride().parseAsync([...args, ...extra], { from: 'user' });
    return { printed, message: '' };
  } catch (error) {
    return { printed, message: (error as Error).message };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

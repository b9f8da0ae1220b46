// `reseed explore <folder>`: a page over a finished folder, on this machine alone, or the same as one file.

import { Command } from 'commander';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { wholeNumber } from './arguments.js';
import { serveUntilInterrupted } from './serve.js';

interface ExploreFlags {
  readonly port?: number;
  readonly weights?: true;
  readonly framed?: true;
  readonly activations?: string;
  readonly singleFile?: string;
}

export function exploreCommand(): Command {
  return new Command('explore')
    .description('look at features and their partners: a page over the folder of a run or a comparison')
    .argument(
      '[folder]',
      'what reseed run or reseed compare --out has written, or is writing; without one the page compares two files',
    )
    .option('--port <n>', 'where to listen on 127.0.0.1 (default: any free port)', wholeNumber(1))
    .option('--weights', 'read SAEs that lie outside of the folder, where results.json says that they do')
    .option('--activations <path>', 'activations that the SAEs encode, to compare codes of partners')
    .option('--framed', 'a page of this machine may show it within itself, as a notebook does')
    .option('--single-file <file>', 'write the page with its data as one HTML file of at most 64 MB of data')
    .addHelpText(
      'after',
      `
Prints the address of the page, and serves it until Ctrl-C. Nothing but this machine can reach it, and it asks nothing of any
other. The folder is only read, but for collections.json: what is starred on the page. Two checkpoints that are dropped on the page
are compared in the browser, by their decoders; they are not sent anywhere.`,
    )
    .action(exploreFolder);
}

async function exploreFolder(
  folder: string | undefined,
  { port, weights, activations, framed, singleFile }: ExploreFlags,
): Promise<void> {
  if (folder === undefined) requireNoFolder({ weights, activations, singleFile });
  if (folder !== undefined && singleFile !== undefined) {
    // Loaded here, so that --help and a wrong argument are answered at once.
    const { writeSingleFile } = await import('../server/single-file.js');
    const bytes = await writeSingleFile(folder, singleFile);
    process.stdout.write(`${singleFile}: ${(bytes / 1e6).toFixed(1)} MB\n`);
    return;
  }
  const { explore } = await import('../server/explore.js');
  const explorer = await explore(folder, {
    ...defined({ port }),
    ...(weights ? { outside: true } : {}),
    ...(framed ? { framed } : {}),
    ...defined({ activations }),
  });
  await serveUntilInterrupted(explorer);
  await explorer.close();
}

/** @throws usage.argument for flags that are about a folder */
function requireNoFolder(flags: Readonly<Record<'weights' | 'activations' | 'singleFile', unknown>>): void {
  const names = { weights: '--weights', activations: '--activations', singleFile: '--single-file' } as const;
  for (const [flag, name] of Object.entries(names)) {
    if (flags[flag as keyof typeof names] === undefined) continue;
    throw new ReseedError('usage.argument', 'it is about a folder, and none is given', {
      field: name,
      found: 'reseed explore without a folder',
      expected: `reseed explore <folder> ${name}`,
    });
  }
}

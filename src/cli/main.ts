#!/usr/bin/env node
// The command line: parses arguments, runs one command, turns errors into one message and an exit code.
import { Command, CommanderError } from 'commander';
import { ReseedError } from '../errors.js';
import { version } from '../version.js';
import { compareCommand } from './compare.js';
import { consensusCommand } from './consensus.js';
import { convertCommand } from './convert.js';
import { doctorCommand } from './doctor.js';
import { exploreCommand } from './explore.js';
import { harvestCommand } from './harvest.js';
import { inspectCommand } from './inspect.js';
import { nullCommand } from './null.js';
import { runCommand } from './run.js';
import { statusCommand } from './status.js';
import { workCommand } from './work.js';

const program = new Command('reseed')
  .description(
    'Do the features of a sparse autoencoder (SAE) come back when it is trained again,\n' +
      'and can the number that says so be trusted?',
  )
  .version(version)
  .option('--debug', 'add the stack to an error message')
  .showHelpAfterError('(add --help for the usage)')
  .addHelpText(
    'after',
    `
Start here:
  reseed run examples/layer-0-anomaly.yaml --quick   train, compare, diagnose and report, in minutes
  reseed compare saes/*                              do the features of these SAEs come back?
  reseed consensus saes/* --to agreed                what do they agree on, as one dictionary?
  reseed explore runs/layer-0-anomaly                look at every feature and its partners, in the browser
  reseed inspect checkpoint.pt                       what a file is, and what it was taken for
  reseed convert ae.pt --to saelens folder           any SAE that can be read, for SAELens
  reseed harvest model text.jsonl --to activations   hidden states of an ONNX language model, with tokens
  reseed null --d-model 128 --d-sae 1024             what chance gives for such SAEs
  reseed doctor                                      what this machine offers
  reseed status runs/study                           how far other machines are with \`run --executor slurm\`

Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 internal error, 130 interrupted.`,
  )
  .addCommand(runCommand())
  .addCommand(compareCommand())
  .addCommand(consensusCommand())
  .addCommand(exploreCommand())
  .addCommand(inspectCommand())
  .addCommand(convertCommand())
  .addCommand(harvestCommand())
  .addCommand(nullCommand())
  .addCommand(doctorCommand())
  .addCommand(workCommand())
  .addCommand(statusCommand());

for (const command of [program, ...program.commands]) command.exitOverride();

const interrupted = 130;

function exitCodeOf(error: unknown): number {
  // Commander has printed its own message, or the help or version that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const debug = program.opts<{ debug?: boolean }>().debug === true;
  const known = error instanceof ReseedError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`reseed: ${known ? '' : 'internal error: '}${message}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!known) process.stderr.write('Please report it, with what --debug adds.\n');
  if (known && error.code === 'internal.cancelled') return interrupted;
  return known ? error.exitCode : 4;
}

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // A reader that has had enough, as in `| head`, is no error: what is left of the output is dropped.
  if (code === 'EPIPE') return;
  process.exit(exitCodeOf(new ReseedError('input.file', message, { file: 'standard output' })));
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

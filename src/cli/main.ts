#!/usr/bin/env node
// The command line: parses arguments, runs one command, turns errors into one message and an exit code.
import { Command, Option } from 'commander';
import { ReseedError } from '../errors.js';
import { version } from '../version.js';
import { type MessageForm, messageForm, messageForms, writeMessagesAs } from './message-form.js';
import { tellError } from './tell-error.js';

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run.js')).runCommand(),
  compare: async () => (await import('./compare.js')).compareCommand(),
  consensus: async () => (await import('./consensus.js')).consensusCommand(),
  explore: async () => (await import('./explore.js')).exploreCommand(),
  inspect: async () => (await import('./inspect.js')).inspectCommand(),
  convert: async () => (await import('./convert.js')).convertCommand(),
  harvest: async () => (await import('./harvest.js')).harvestCommand(),
  null: async () => (await import('./null.js')).nullCommand(),
  report: async () => (await import('./report.js')).reportCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  work: async () => (await import('./work.js')).workCommand(),
  status: async () => (await import('./status.js')).statusCommand(),
};

const program = new Command('reseed')
  .description(
    'Do the features of a sparse autoencoder (SAE) come back when it is trained again,\n' +
      'and can the number that says so be trusted?',
  )
  .version(version)
  .option('--debug', 'add the stack to an error message')
  .addOption(
    new Option(
      '--messages <form>',
      'progress and errors on stderr: for people, or as JSON lines for a program',
    )
      .choices(messageForms)
      .default('text'),
  )
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
  );

// The one that is asked for: loading all of them takes longer than a small piece of work. For anything else, all.
const asked = firstWord(process.argv.slice(2));
const chosen =
  asked !== undefined && Object.hasOwn(commands, asked) ? [commands[asked]] : Object.values(commands);
for (const command of await Promise.all(chosen.map((load) => load()))) program.addCommand(command);

const writeErr = (text: string): void => {
  // As JSON, a wrong usage is told where every error is.
  if (messageForm() === 'text') process.stderr.write(text);
};
for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr });
program.on('option:messages', (form: MessageForm) => writeMessagesAs(form));

const tell = (error: unknown): number =>
  tellError(error, { debug: program.opts<{ debug?: boolean }>().debug === true });

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // A reader that has had enough, as in `| head`, is no error: what is left of the output is dropped.
  if (code === 'EPIPE') return;
  process.exit(tell(new ReseedError('input.file', message, { file: 'standard output' })));
});
// Whoever reads messages as JSON has started this, and is gone.
process.stderr.on('error', () => process.exit(130));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}

/** Behind the options of the program itself. */
function firstWord(words: readonly string[]): string | undefined {
  const [first, ...others] = words;
  if (first === '--messages') return firstWord(others.slice(1));
  return first === '--debug' || first?.startsWith('--messages=') ? firstWord(others) : first;
}

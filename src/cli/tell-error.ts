// What a command that failed says on stderr, and its exit code.
import { CommanderError } from 'commander';
import { ReseedError } from '../errors.js';
import { messageForm, messageLine } from './message-form.js';

const interrupted = 130;

/** Writes the one message of an error, for people or as a line of JSON, and returns the exit code. */
export function tellError(error: unknown, { debug }: { readonly debug: boolean }): number {
  // Commander has printed the help or version that was asked for.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (messageForm() === 'json') process.stderr.write(messageLine(asData(error)));
  else if (!(error instanceof CommanderError)) process.stderr.write(asText(error));
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitCode(error);
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return 2;
  if (!(error instanceof ReseedError)) return 4;
  return error.code === 'internal.cancelled' ? interrupted : error.exitCode;
}

function asText(error: unknown): string {
  if (error instanceof ReseedError) return `reseed: ${error.message}\n`;
  return `reseed: internal error: ${messageOf(error)}\nPlease report it, with what --debug adds.\n`;
}

/** All that an error is known by; what it does not have is absent. */
function asData(error: unknown): { readonly type: 'error' } & Readonly<Record<string, unknown>> {
  if (error instanceof ReseedError) {
    const { code, problem, message, details } = error;
    const { file, field, found, expected } = details;
    return { type: 'error', code, problem, message, file, field, found, expected };
  }
  const usage = error instanceof CommanderError;
  const problem = messageOf(error).replace(/^error: /, '');
  return { type: 'error', code: usage ? 'usage.argument' : 'internal', problem, message: problem };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

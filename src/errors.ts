// The one error class, and the catalogue of codes that a caller can rely on.

/** Stable codes. The prefix tells the exit code of the CLI: usage → 2, input → 3, internal → 4. */
export const errorCodes = {
  'usage.argument': 'a command-line argument is missing or wrong',
  'input.config': 'a study file is not valid',
  'input.file': 'a file cannot be read or written',
  'input.format': 'a file is not in the format that it should have',
  'input.shape': 'two things that must agree in shape do not',
  'input.non-finite': 'a value is NaN or infinite',
  'input.locked': 'another run is using the output folder',
  'input.executor': 'what gives work out to other processes refuses it, or does not answer',
  'internal.cancelled': 'the work was cancelled',
  'internal.kernel': 'the numerical kernel failed',
  'internal.control': 'a control that must always hold has failed',
  'internal.unit': 'units of work failed, however often they were tried',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorDetails {
  /** File, folder or URL the problem is in. */
  file?: string;
  /** Field, tensor, key or argument within it. */
  field?: string;
  found?: string;
  expected?: string;
  cause?: unknown;
}

/** An error that names where the problem is, what was found there and what was expected. */
export class ReseedError extends Error {
  readonly code: ErrorCode;
  /** What is wrong, without where it is and what was found. */
  readonly problem: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, problem: string, details: ErrorDetails = {}) {
    super(describe(problem, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ReseedError';
    this.code = code;
    this.problem = problem;
    this.details = details;
  }

  /** Exit code of the CLI: 2 usage, 3 bad input, 4 internal. */
  get exitCode(): 2 | 3 | 4 {
    if (this.code.startsWith('usage.')) return 2;
    return this.code.startsWith('input.') ? 3 : 4;
  }
}

function describe(problem: string, { file, field, found, expected }: ErrorDetails): string {
  const where = [file, field].filter(Boolean).join(', ');
  const parts = [where ? `${where}: ${problem}` : problem];
  if (found !== undefined) parts.push(`found ${found}`);
  if (expected !== undefined) parts.push(`expected ${expected}`);
  return printable(parts.join('; '));
}

/** What a file says may reach a terminal, which control characters would move or colour. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Throws `internal.cancelled` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ReseedError('internal.cancelled', 'cancelled');
}

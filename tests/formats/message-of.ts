// The message of what must be refused for its format, for tests to look at.
import { expect } from 'vitest';

/** What `work` is refused with: an error of the code `input.format` unless another is given. */
export async function messageOf(work: Promise<unknown>, code = 'input.format'): Promise<string> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (cause) => cause,
  );
  expect(error, error.stack).toMatchObject({ name: 'ReseedError', code });
  return error.message;
}

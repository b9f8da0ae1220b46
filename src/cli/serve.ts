// Serves a page until Ctrl-C, which ends it at once.
import type { Explorer } from '../server/explore.js';

/** Prints where the page is, and returns when it was interrupted. The caller closes it. */
export async function serveUntilInterrupted({ url }: Explorer): Promise<void> {
  process.stdout.write(`${url}\nCtrl-C ends it.\n`);
  await new Promise<void>((interrupted) => {
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
  });
}

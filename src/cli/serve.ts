// Serves a page until Ctrl-C, which ends it at once.
import type { Explorer } from '../server/explore.js';
import { messageForm } from './message-form.js';

/**
 * Prints where the page is, and returns when it was interrupted. The caller closes it. Where a program has started it, the end of
 * standard input interrupts it, too: it says that the program is gone.
 */
export async function serveUntilInterrupted({ url }: Explorer): Promise<void> {
  process.stdout.write(`${url}\nCtrl-C ends it.\n`);
  await new Promise<void>((interrupted) => {
    process.once('SIGINT', interrupted);
    process.once('SIGTERM', interrupted);
    if (messageForm() === 'json') process.stdin.once('end', interrupted).resume();
  });
  process.stdin.pause();
}

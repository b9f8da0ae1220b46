// A page over the folder of a run that is still running: it hears what the run tells.
import { type Explorer, explore } from './explore.js';
import { LiveEvents } from './live-events.js';

/** @throws as `explore` */
export async function exploreRun(folder: string): Promise<{ explorer: Explorer; live: LiveEvents }> {
  const live = new LiveEvents();
  return { explorer: await explore(folder, { live }), live };
}

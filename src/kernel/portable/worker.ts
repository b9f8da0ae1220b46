// The thread side of the portable kernel: takes one job at a time and answers with its result.
import { parentPort } from 'node:worker_threads';
import { coFireFeatures } from './co-firing.js';
import { encodeRows } from './encode.js';
import { matchRows } from './match.js';
import type { Job, Reply } from './pool.js';
import { trainSteps } from './train.js';

function perform(job: Job): unknown {
  switch (job.op) {
    case 'match':
      return matchRows(job.args);
    case 'encode':
      return encodeRows(job.args);
    case 'train':
      return trainSteps(job.args);
    case 'coFire':
      return coFireFeatures(job.args);
  }
}

parentPort?.on('message', (job: Job) => {
  let reply: Reply;
  try {
    reply = { ok: true, value: perform(job) };
  } catch (error) {
    const { message, stack } = error as Error;
    reply = { ok: false, message, stack };
  }
  parentPort?.postMessage(reply);
});

// The thread side of the portable kernel: takes one job at a time and answers with its result.
import { parentPort } from 'node:worker_threads';
import { performAssignment } from './assign.js';
import { coFireFeatures } from './co-firing.js';
import { performDense } from './dense-jobs.js';
import { encodeRows } from './encode.js';
import { matchRows } from './match.js';
import type { Job, Reply } from './pool.js';
import { reconstructionErrors } from './reconstruction.js';
import { performSpectrum } from './spectrum.js';
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
    case 'topMatches':
    case 'assignDense':
    case 'assignOnLists':
      return performAssignment(job);
    case 'gram':
    case 'addGram':
    case 'eigenvalues':
    case 'eigen':
    case 'subspace':
    case 'multiply':
      return performSpectrum(job);
    case 'encodeDense':
    case 'forwardBackward':
    case 'trainDense':
      return performDense(job);
    case 'reconstructionErrors':
      return reconstructionErrors(job.args);
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

// All that the threads of the portable kernel can be asked to do.
import { assignmentJobs } from './assign.js';
import { denseJobs } from './dense-jobs.js';
import type { JobOf } from './job.js';
import { listedProductsJobs } from './listed-products.js';
import { matchingJobs } from './matching-jobs.js';
import { reconstructionJobs } from './reconstruction.js';
import { spectrumJobs } from './spectrum.js';
import { topKJobs } from './top-k-jobs.js';

export const jobs = {
  ...matchingJobs,
  ...listedProductsJobs,
  ...topKJobs,
  ...denseJobs,
  ...assignmentJobs,
  ...spectrumJobs,
  ...reconstructionJobs,
};

export type Job = JobOf<typeof jobs>;

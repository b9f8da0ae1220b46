// Best matches and co-firing of the portable kernel: the jobs, and who hands them out.
import { requireFinite, requireSameRows, requireSameWidth } from '../arguments.js';
import type { Best, BestMatches, Kernel } from '../interface.js';
import { concatBest, finish, mergeBest } from './best.js';
import { coFireFeatures } from './co-firing.js';
import type { JobOf } from './job.js';
import { matchRows } from './match.js';
import { ranges } from './ranges.js';

/** Rows of A in one matching job, features of A in one co-firing job. */
const PER_JOB = { match: 256, coFire: 512 };

/** What one thread does. */
export const matchingJobs = { match: matchRows, coFire: coFireFeatures };

type Job = JobOf<typeof matchingJobs>;

/** The operations, over a function that has jobs done. */
export function matchingOperations(
  run: <T>(job: Job, signal?: AbortSignal) => Promise<T>,
): Pick<Kernel, 'bestMatches' | 'coFiring'> {
  const runAll = (jobs: readonly Job[], signal?: AbortSignal): Promise<BestMatches[]> =>
    Promise.all(jobs.map((job) => run<BestMatches>(job, signal)));

  return {
    async bestMatches(a, b, { signal } = {}) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const jobs = ranges(a.rows, PER_JOB.match).map(
        (part): Job => ({ op: 'match', args: { a: a.data, b: b.data, d: a.cols, g: b.rows, ...part } }),
      );
      return joinMatches(await runAll(jobs, signal));
    },

    async coFiring(a, b, { signal } = {}) {
      requireSameRows(a, b);
      const jobs = ranges(a.features, PER_JOB.coFire).map(
        (part): Job => ({ op: 'coFire', args: { a, b, ...part } }),
      );
      return joinMatches(await runAll(jobs, signal));
    },
  };
}

/** Joins jobs over ascending ranges of A: their rows follow each other, their columns are the same. */
function joinMatches(parts: readonly BestMatches[]): BestMatches {
  const join = (sign: 'signed' | 'abs'): { rows: Best; cols: Best } => ({
    rows: finish(concatBest(parts.map((p) => p.aToB[sign]))),
    cols: finish(mergeBest(parts.map((p) => p.bToA[sign]))),
  });
  const signed = join('signed');
  const abs = join('abs');
  return { aToB: { signed: signed.rows, abs: abs.rows }, bToA: { signed: signed.cols, abs: abs.cols } };
}

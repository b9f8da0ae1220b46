// One process of vitest with the mutants in its sources; what comes out is written to a log, entry by entry.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startVitest } from 'vitest/node';

const job = JSON.parse(readFileSync(process.env.MUTANTS_JOB, 'utf8'));
const codes = new Map(Object.entries(job.codes).map(([file, code]) => [join(process.cwd(), file), code]));

const vitest = await startVitest(
  'test',
  [job.order[0]],
  {
    watch: false,
    globalSetup: [],
    pool: 'forks',
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    passWithNoTests: true,
    runner: './bench/mutants/runner.mjs',
    reporters: [{}],
  },
  {
    plugins: [
      {
        name: 'mutants',
        enforce: 'pre',
        load: (id) => codes.get(id),
      },
    ],
  },
);
await vitest.close();
process.exit(0);

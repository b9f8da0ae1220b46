// What a study file may say of where its units are worked on. Nothing of it changes results.
import { z } from 'zod';

export const executorNames = ['local', 'slurm', 'bullmq'] as const;
export type ExecutorName = (typeof executorNames)[number];

export const executorSchema = z.strictObject({
  name: z.enum(executorNames),
  workers: z
    .int()
    .positive()
    .exactOptional()
    .describe('units at a time; local: default 2, slurm: default as many as the cluster starts'),
  cpus: z.int().positive().exactOptional().describe('processors for each unit'),
  bundle: z
    .number()
    .nonnegative()
    .exactOptional()
    .describe('pieces of work below so many seconds go together; default: 30'),
  partition: z.string().min(1).exactOptional().describe('of Slurm, as are account, qos, time and memory'),
  account: z.string().min(1).exactOptional(),
  qos: z.string().min(1).exactOptional(),
  time: z.string().min(1).exactOptional().describe('limit of one task, as sbatch --time takes it'),
  memory: z.string().min(1).exactOptional().describe('of one task; default: what it is estimated to need'),
  options: z.array(z.string().min(1)).exactOptional().describe('further options of sbatch'),
  setup: z
    .array(z.string())
    .exactOptional()
    .describe('lines of shell before the worker starts, as module load node'),
  url: z.string().min(1).exactOptional().describe('of the Redis or PostgreSQL that BullMQ uses'),
});

export type ExecutorSettings = z.infer<typeof executorSchema>;

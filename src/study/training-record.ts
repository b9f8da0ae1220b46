// What a checkpoint records of how it was trained, as the diagnosis takes it.

import { defined } from '../defined.js';
import { lossesOver, type TrainingRecord } from '../sae/member.js';
import type { SaeRecord } from '../sae/source.js';

/** Undefined where the record does not say how many steps were taken. */
export function trainingRecord({
  steps,
  losses,
  lossOver,
  divergedAt,
}: SaeRecord): TrainingRecord | undefined {
  if (typeof steps !== 'number' || !Number.isSafeInteger(steps) || steps < 1) return undefined;
  // Losses of a run that diverged say nothing of how finished it is.
  if (typeof divergedAt === 'number') return { steps, divergedAt };
  const known = Array.isArray(losses) && losses.length > 0 && losses.every(Number.isFinite);
  const over = lossesOver.find((one) => one === lossOver);
  return { steps, ...(known ? { losses: losses as number[], ...defined({ lossOver: over }) } : {}) };
}

// Controls: cases whose score is known, measured with the same code as every report.
//
// An SAE against itself, and against its own permuted copy (also with signs turned, where signs do not count), scores 1 by
// every metric that it can have. Two dictionaries that share a part of their rows give that part back (planted.ts).
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Member } from '../../sae/member.js';
import { contextOf } from '../context.js';
import type { Metric } from '../metric.js';
import { type MetricId, metrics } from '../registry.js';
import { atMost, plantedDictionaries, plantedPart, shuffledCopy } from './control-members.js';
import { rounding } from './planted.js';

export const controlCases = ['self', 'copy', 'planted'] as const;
export type ControlCase = (typeof controlCases)[number];

export interface Control {
  readonly metric: MetricId;
  readonly case: ControlCase;
  readonly expected: number;
  readonly measured: number;
  /** Largest |measured − expected| that passes. */
  readonly tolerance: number;
  readonly passed: boolean;
}

export interface ControlOptions extends WorkOptions {
  /** Names the streams of the permutations, the signs and the planted dictionaries. */
  readonly seed: number;
}

/** Features, and rows of codes, of the member that controls are run on. */
const size = { features: 512, rows: 4096 };

/**
 * Runs the controls on a member of the group that is reported; of a large one, on a part. Those that the member cannot
 * have are left out: of weights without any direction, of codes that are unknown or never active.
 */
export async function controls(
  member: Member,
  kernel: Kernel,
  { seed, signal }: ControlOptions,
): Promise<Control[]> {
  const work = defined({ signal });
  const pair = (a: Member, b: Member) => contextOf([named(a, 'a'), named(b, 'b')], kernel, work);
  const some = atMost(size, member);
  const [one, other] = plantedDictionaries(seed);
  const self = pair(some, some);
  const copies = {
    turned: pair(some, shuffledCopy(some, seed, 'shuffled', { flip: true })),
    signed: pair(some, shuffledCopy(some, seed, 'permuted', { flip: false })),
  };
  const planted = {
    turned: pair(one, shuffledCopy(other, seed, 'planted', { flip: true })),
    signed: pair(one, shuffledCopy(other, seed, 'planted', { flip: false })),
  };
  const out: Control[] = [];
  for (const metric of metrics as readonly Metric<MetricId>[]) {
    const { control } = metric;
    if (!control) continue;
    const add = (of: ControlCase, expected: number, measured: number, tolerance: number) =>
      out.push({
        metric: metric.id,
        case: of,
        expected,
        measured,
        tolerance,
        passed: Math.abs(measured - expected) <= tolerance,
      });
    const kind = control.signless ? 'turned' : 'signed';
    for (const [of, context] of [['self', self] as const, ['copy', copies[kind]] as const]) {
      const scores = await metric.measure(context);
      if (scores) add(of, 1, scores.pairs[0].value, rounding);
    }
    const scores = control.planted && (await metric.measure(planted[kind]));
    if (!scores || !control.planted) continue;
    const { expected, measured, tolerance } = control.planted(scores, plantedPart);
    add('planted', expected, measured, tolerance);
  }
  return out;
}

/** @throws internal.control naming the first control that fails: no score of this run can be trusted then */
export async function requireControls(
  member: Member,
  kernel: Kernel,
  options: ControlOptions,
): Promise<Control[]> {
  const run = await controls(member, kernel, options);
  const failed = run.find(({ passed }) => !passed);
  if (!failed) return run;
  throw new ReseedError(
    'internal.control',
    `the control "${failed.case}" of ${failed.metric} failed, so no score can be trusted`,
    { found: String(failed.measured), expected: `${failed.expected} ± ${failed.tolerance}` },
  );
}

function named(member: Member, id: string): Member {
  return { ...member, id };
}

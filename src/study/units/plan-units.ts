// Cuts a study into units: every SAE to train, every pair to measure, nulls that take long, and what is left of each group.
//
// All units of a study, whatever of it is done: so a driver that is started again, and every worker, cut it the same way.
// Pairs are measured apart where the kernel's results are kept (kernel/remembering.ts), and worth a process of their own.
import { codeBudget } from '../../evidence/kept-codes.js';
import { nullsOf } from '../../evidence/measure-metrics.js';
import { measuringVersions } from '../../evidence/versions.js';
import { worthKeeping } from '../../kernel/remembering.js';
import type { Metric } from '../../metrics/metric.js';
import { metricOf, metrics } from '../../metrics/registry.js';
import { type Calls, callsOf } from '../../metrics/work.js';
import { hashOf } from '../hash-of.js';
import type { Plan, PlannedGroup, PlannedSae } from '../plan.js';
import type { ActivationSource } from '../sources/index.js';
import { saeKey } from '../train-stage.js';
import { bundled, type Piece } from './bundles.js';
import type { PairToMeasure, Unit } from './unit.js';
import {
  callSeconds,
  describeSeconds,
  type GroupSizes,
  groupBytes,
  pairBytes,
  sizesOfGroup,
  trainBytes,
  trainSeconds,
} from './unit-costs.js';

export interface UnitOptions {
  /** Seconds below which pieces of work go together. */
  readonly bundleSeconds: number;
  /** Processors for each unit. */
  readonly cpus: number;
  /** Seed of what the nulls draw. */
  readonly seed: number;
}

interface Planned {
  readonly plan: Plan;
  readonly source: ActivationSource;
}

export const usualBundle = 30;

export function planUnits({ plan, source }: Planned, options: UnitOptions): Unit[] {
  const units: Unit[] = [];
  for (const group of plan.groups) {
    const training = plan.stages.includes('train') ? trainUnits(group, source, options) : [];
    units.push(...training);
    if (!plan.stages.includes('compare')) continue;
    units.push(...measuringUnits(group, { plan, source }, options, training));
  }
  return units;
}

function trainUnits(group: PlannedGroup, source: ActivationSource, options: UnitOptions): Unit[] {
  const shape = source.shapeOf(group.site);
  const seconds = trainSeconds(group, shape);
  // SAEs that read the same activations are trained in one pass over them.
  const byActivations = new Map<string, PlannedSae[]>();
  for (const sae of group.saes) {
    const key = source.keyOf(group.site, sae.initSeed);
    byActivations.set(key, [...(byActivations.get(key) ?? []), sae]);
  }
  return [...byActivations.values()].flatMap((saes) =>
    bundled(
      saes.map((work) => ({ seconds, work })),
      options.bundleSeconds,
    ).map(({ seconds: all, work }) => ({
      key: hashOf(['train', ...work.map((sae) => saeKey({ source }, group, sae))]),
      label: labelled(
        'train',
        work.map(({ id }) => id),
      ),
      work: { kind: 'train' as const, group: group.id, saes: work.map(({ id }) => id) },
      needs: [],
      seconds: all,
      cpus: options.cpus,
      ...trainBytes(group, shape, work.length),
    })),
  );
}

function measuringUnits(
  group: PlannedGroup,
  { plan, source }: Planned,
  options: UnitOptions,
  training: readonly Unit[],
): Unit[] {
  const sizes = sizesOfGroup(group, source.shapeOf(group.site));
  const scope = scopeOf(group, { plan, source }, options.seed);
  const needsOf = (ids: readonly string[]) =>
    training.flatMap(({ key, work }) =>
      work.kind === 'train' && work.saes.some((id) => ids.includes(id)) ? [key] : [],
    );
  const pairs = pairUnits(
    group.id,
    group.saes.map(({ id }) => id),
    sizes,
    options,
    [scope],
    needsOf,
  );
  const all = needsOf(group.saes.map(({ id }) => id));
  const scores = [...all, ...pairs.map(({ key }) => key)];
  const nulls = nullUnits(group.id, sizes, options, scope, scores);
  const apart = [...pairs, ...nulls].reduce((sum, { seconds }) => sum + seconds, 0);
  const whole: Unit = {
    key: hashOf(['group', scope]),
    label: `measure ${group.id}`,
    work: { kind: 'group', group: group.id },
    needs: [...scores, ...nulls.map(({ key }) => key)],
    seconds: describeSeconds(sizes) + Math.max(0, wholeSeconds(sizes) - apart),
    cpus: options.cpus,
    ...groupBytes(sizes),
  };
  return [...pairs, ...nulls, whole];
}

/** All that measuring a group depends on. */
function scopeOf(group: PlannedGroup, { plan, source }: Planned, seed: number): string {
  const keys = group.saes.map((sae) => saeKey({ source }, group, sae));
  const activations = group.saes.map(({ initSeed }) => source.keyOf(group.site, initSeed));
  return hashOf([measuringVersions, seed, plan.draws, activations, source.tokensKey ?? '', keys]);
}

/** What measuring a pair by a metric asks of the kernel that is kept; undefined where nothing is. */
export function keptCalls(metric: Metric, sizes: GroupSizes): Calls | undefined {
  if (metric.needs.includes('codes') && !codesFit(sizes)) return undefined;
  const calls = metric.work.perPair;
  if (!calls) return undefined;
  const { features: f, width: d, rows: n, active: k } = sizes;
  const work = {
    match: f * f * d,
    assign: 4 * f * f * d,
    coFire: 10 * n * k * k,
    assignCodes: 40 * n * k * k,
  };
  const kept = Object.entries(work).some(
    ([operation, adds]) => (calls[operation as keyof typeof work] ?? 0) >= 1 && adds >= worthKeeping,
  );
  return kept ? calls : undefined;
}

/** Whether codes of all rows are kept for sure: which rows are does then not depend on how many SAEs are looked at. */
function codesFit({ bounded, rows, active, saes }: GroupSizes): boolean {
  return bounded && 2 * saes * rows * (8 * active + 4) <= codeBudget;
}

/** @param scope what the results depend on besides the SAEs of the pair */
export function pairUnits(
  group: string,
  ids: readonly string[],
  sizes: GroupSizes,
  options: UnitOptions,
  scope: readonly string[],
  needsOf: (ids: readonly string[]) => readonly string[],
): Unit[] {
  const measures: { id: string; seconds: number; codes: boolean }[] = [];
  for (const { id } of metrics) {
    const metric = metricOf(id);
    const calls = keptCalls(metric, sizes);
    if (!calls) continue;
    measures.push({ id, seconds: callSeconds(sizes, calls), codes: metric.needs.includes('codes') });
  }
  const { features, width } = sizes;
  if (measures.length > 0 && features * width * width >= worthKeeping) {
    measures.push({ id: 'features', seconds: callSeconds(sizes, { product: 4 }), codes: false });
  }
  const pieces: Piece<{ a: string; b: string; measure: string; codes: boolean }>[] = [];
  for (let i = 0; i < ids.length; i++) {
    for (let j = i + 1; j < ids.length; j++) {
      for (const { id, seconds, codes } of measures) {
        pieces.push({ seconds, work: { a: ids[i], b: ids[j], measure: id, codes } });
      }
    }
  }
  // A handful of seconds are not worth a process: the unit of the group has them then.
  if (pieces.reduce((sum, { seconds }) => sum + seconds, 0) < options.bundleSeconds) return [];
  return bundled(pieces, options.bundleSeconds).map(({ seconds, work }) => {
    const pairs = byPair(work);
    const bytes = pairBytes(
      sizes,
      work.some(({ codes }) => codes),
    );
    return {
      key: hashOf(['pairs', ...scope, pairs]),
      label: labelled(
        'measure',
        pairs.map(({ a, b, measures: of }) => `${a} · ${b} by ${of.join(', ')}`),
      ),
      work: { kind: 'pairs' as const, group, pairs },
      needs: needsOf(pairs.flatMap(({ a, b }) => [a, b])),
      seconds,
      cpus: options.cpus,
      ...bytes,
      reads: pairs.length * bytes.reads,
      writes: work.length * bytes.writes,
    };
  });
}

function byPair(work: readonly { a: string; b: string; measure: string }[]): PairToMeasure[] {
  const pairs: { a: string; b: string; measures: string[] }[] = [];
  for (const { a, b, measure } of work) {
    const last = pairs.at(-1);
    if (last?.a === a && last.b === b) last.measures.push(measure);
    else pairs.push({ a, b, measures: [measure] });
  }
  return pairs;
}

/** Whose levels are kept. */
const keptLevels = ['covariance-matched', 'random-directions', 'row-permutation'];

/** What others are made of is kept call by call, where a call is worth it. */
function isKept(kind: string, { features: f, width: d, rows: n, active: k }: GroupSizes): boolean {
  if (kind === 'own-init') return f * f * d >= worthKeeping;
  if (kind === 'untrained') return 10 * n * k * k >= worthKeeping;
  return keptLevels.includes(kind);
}

/** Levels that are kept, and take long enough. */
function nullUnits(
  group: string,
  sizes: GroupSizes,
  options: UnitOptions,
  scope: string,
  needs: readonly string[],
): Unit[] {
  return metrics.flatMap(({ id }) => {
    const metric = metricOf(id);
    return nullsOf(metric).flatMap((model): Unit[] => {
      const seconds = callSeconds(sizes, callsOf(model.work(metric), sizes.saes));
      if (seconds === 0 || seconds < options.bundleSeconds || !isKept(model.kind, sizes)) return [];
      return [
        {
          key: hashOf(['null', scope, id, model.kind]),
          label: `${model.kind} of ${id} in ${group}`,
          work: { kind: 'null', group, metric: id, null: model.kind },
          needs,
          seconds,
          cpus: options.cpus,
          ...groupBytes(sizes),
          writes: 0,
        },
      ];
    });
  });
}

function wholeSeconds(sizes: GroupSizes): number {
  return metrics.reduce(
    (sum, { id }) => {
      const metric = metricOf(id);
      const works = [metric.work, ...nullsOf(metric).map((model) => model.work(metric))];
      return sum + works.reduce((own, work) => own + callSeconds(sizes, callsOf(work, sizes.saes)), 0);
    },
    callSeconds(sizes, callsOf({ perPair: { product: 4 } }, sizes.saes)),
  );
}

function labelled(verb: string, names: readonly string[]): string {
  const [first, ...others] = names;
  return `${verb} ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

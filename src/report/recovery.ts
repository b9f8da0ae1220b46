// How well scores give back a planted overlap: groups of a study put in order, by all but the overlap.
import { type MetricId, metricIds } from '../metrics/registry.js';
import type { GroupResult, Results, TruthResult } from '../results/results.js';
import { type Calibration, calibration } from '../stats/calibration.js';

export type TruthGroup = GroupResult & { readonly truth: TruthResult };

/** Groups that differ in the overlap of their worlds alone, ascending. */
export interface Condition {
  /** What tells it from the others: the variant, or "k 8, noise 0.2"; empty where there is one condition. */
  readonly label: string;
  readonly groups: readonly TruthGroup[];
}

export interface Recovery {
  readonly conditions: readonly Condition[];
  /** Scores that every group has, corrected for chance, against the overlap; those that rise, then the others, the smallest error first. */
  readonly scores: readonly (readonly [MetricId, Calibration])[];
}

/** Undefined where no condition has two overlaps. */
export function recoveryOf({ groups, saes }: Pick<Results, 'groups' | 'saes'>): Recovery | undefined {
  const known = groups.filter((group): group is TruthGroup => group.truth !== undefined);
  const settings = known.map((group) => {
    const sae = saes.find(({ id }) => id === group.saes[0]);
    return new Map<string, number | string>([
      ...Object.entries(group.truth.planted),
      ['true features', group.truth.features],
      ...(sae
        ? ([
            ['architecture', sae.architecture],
            ['SAE features', sae.dSae],
          ] as const)
        : []),
      ...(sae?.k === undefined ? [] : ([['k', sae.k]] as const)),
    ]);
  });
  const names = [...new Set(settings.flatMap((s) => [...s.keys()]))];
  const telling = names.filter((name) => new Set(settings.map((s) => s.get(name))).size > 1);
  const told = settings.map((s) => telling.map((name) => `${name} ${s.get(name) ?? 'none'}`).join(', '));
  const variants = known.map((group) => group.settings?.variant);
  // A variant with an axis of its own is several conditions.
  const named = variants.every(
    (variant, i) => variant !== undefined && told[variants.indexOf(variant)] === told[i],
  );
  const byLabel = new Map<string, TruthGroup[]>();
  known.forEach((group, i) => {
    const label = named ? (variants[i] as string) : told[i];
    byLabel.set(label, [...(byLabel.get(label) ?? []), group]);
  });
  const conditions = [...byLabel].map(([label, of]) => ({
    label,
    groups: [...of].sort((a, b) => a.truth.overlap - b.truth.overlap),
  }));
  if (!conditions.some(({ groups: of }) => new Set(of.map((g) => g.truth.overlap)).size > 1))
    return undefined;
  const scores = metricIds.flatMap((id) => {
    const pointsOf = (of: readonly TruthGroup[]) =>
      of.flatMap(({ truth, metrics }) => {
        const measured = metrics[id]?.corrected;
        return measured === undefined ? [] : [{ known: truth.overlap, measured }];
      });
    const all = pointsOf(known);
    const whole = calibration(all);
    if (!whole || all.length < known.length || !comparable(id)) return [];
    // Each condition by itself: on average over conditions a score could rise that does not in any of them.
    const rises = conditions.every(({ groups: of }) => calibration(pointsOf(of))?.rises ?? true);
    return [[id, { ...whole, rises }] as const];
  });
  const place = ({ rises, error }: Calibration) => (rises === false ? 1 : 0) + error / (1 + error);
  return { conditions, scores: scores.sort(([, a], [, b]) => place(a) - place(b)) };
}

/** A subspace overlap is no share of features. */
function comparable(id: MetricId): boolean {
  return !id.startsWith('subspace.') && id !== 'displacement.max';
}

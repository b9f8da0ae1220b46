// What a study would do, what of it the folder has already, and what the rest would cost: the dry run.
//
// Training: steps left × the measured time of a step. Comparison: the calls of its parts (evidence/plan.ts) × the measured time
// of each, and a share for what is done outside the kernel. Each snapshot: two best matches and an assignment a pair, an
// encoding an SAE, co-firing with its null. The activations of a site are described once a group. Where there are tokens, each SAE
// encodes once more, and its examples are chosen and written. Memory: activations, the
// weights with both moments of the groups that train together, all finished SAEs, and codes and tables of features of one
// group. Disk: kept activations, checkpoints, and tables of features twice.

import { plannedParts, secondsOf } from '../evidence/plan.js';
import type { Kernel } from '../kernel/interface.js';
import { callsOf } from '../metrics/work.js';
import type { Cost, PlannedGroupCost, StudyPlan } from '../report/study-plan.js';
import { architectures } from '../training/architectures/registry.js';
import { settingsIn } from './assemble.js';
import { isMeasured } from './compare-stage.js';
import { loadStudy } from './config.js';
import { StudyFolder } from './folder.js';
import { knownHashes } from './known-hashes.js';
import { CostMeasurements, type MeasuredCosts } from './measured-costs.js';
import { distinctSites, type Plan, type PlannedGroup, planStudy } from './plan.js';
import { whereIs } from './sae-store.js';
import { type ActivationSource, openSource, type SiteShape } from './sources/index.js';
import { saeKeys } from './train-stage.js';
import { lengthOf, snapshotSteps } from './trainer.js';

export interface EstimateOptions {
  /** The study file. */
  readonly file: string;
  /** The output folder; it is looked at, never written to. */
  readonly out: string;
  readonly quick?: boolean;
  readonly kernel: Kernel;
}

/** Share of the comparison that is not spent in the kernel, on top of what is. */
const besidesKernel = 0.2;

/** Node, the code and the kernel. */
const baseMemory = 1.5e8;

/** Of one feature in one other SAE, in features.parquet and in what it is made from. */
const bytesPerMatch = 57;

/** Groups that train at a time. */
const together = 2;

/** @throws input.config, input.file, input.format, input.shape */
export async function estimateStudy(options: EstimateOptions): Promise<StudyPlan> {
  const { file, out, quick = false, kernel } = options;
  const study = await loadStudy(file);
  const plan = planStudy(study, quick);
  const sites = plan.groups.map(({ site }) => site);
  const folder = new StudyFolder(out);
  const fileHash = knownHashes({ folder: folder.hashes, writes: false });
  const source = await openSource(study.activations, sites, file, fileHash);
  const stage = { plan, source, folder, kernel };
  const present = await whereIs(folder, saeKeys(stage));
  const started = performance.now();
  const costs = new CostMeasurements(kernel);
  const groups: PlannedGroupCost[] = [];
  const firsts = new Set(distinctSites(plan, source));
  for (const group of plan.groups) {
    const trained = group.saes.filter(({ id }) => present.has(id)).length;
    const measured = trained === group.saes.length && (await isMeasured(stage, group, study.analysis.seed));
    const first = firsts.has(group.site);
    groups.push(
      await costOfGroup(
        plan,
        group,
        source.shapeOf(group.site),
        { trained, measured, first, tokens: source.tokens !== undefined },
        costs,
      ),
    );
  }
  return {
    name: study.name,
    folder: out,
    stages: plan.stages,
    quick: plan.shortened !== undefined,
    kernel: kernel.id,
    threads: kernel.threads,
    groups,
    activationsKept: await allKept(plan, source, folder),
    cost: costOf(plan, groups, source),
    measuringSeconds: (performance.now() - started) / 1000,
  };
}

interface Done {
  readonly trained: number;
  readonly measured: boolean;
  readonly first: boolean;
  readonly tokens: boolean;
}

/** @param done how many SAEs are trained, whether all is measured, whether the group is the first of its site, and has tokens */
async function costOfGroup(
  { stages }: Plan,
  { id, settings, saes }: PlannedGroup,
  { rows, cols: width }: SiteShape,
  { trained, measured, first, tokens }: Done,
  costs: CostMeasurements,
): Promise<PlannedGroupCost> {
  const { steps } = lengthOf(settings, rows);
  const n = saes.length;
  const known = { id, settings: settingsIn(settings, steps), rows, width, saes: n, trained, measured };
  const trains = stages.includes('train') && trained < n;
  const compares = stages.includes('compare') && !measured;
  if (!trains && !compares) return { ...known, training: 0, comparison: 0, examples: 0 };
  const cost = await costs.of(settings, { rows, width, saes: n });
  const description = first ? await costs.description(rows, width) : 0;
  return {
    ...known,
    training: trains ? (cost.step * steps * (n - trained)) / n : 0,
    comparison: compares
      ? comparison(cost, n) + trajectory(cost, n, snapshotSteps(settings, rows).length) + description
      : 0,
    examples: tokens && stages.includes('diagnose') ? n * (cost.rates.encode + cost.examples) : 0,
  };
}

/** @param n SAEs, whose starts are known, with codes */
function comparison({ rates }: MeasuredCosts, n: number): number {
  const parts = plannedParts({ saes: n, codes: true, init: true });
  return (1 + besidesKernel) * parts.reduce((sum, { calls }) => sum + secondsOf(calls, rates), 0);
}

/** Scores at the start, at every snapshot and at the end. */
function trajectory({ rates }: MeasuredCosts, n: number, snapshots: number): number {
  if (snapshots === 0) return 0;
  const step = callsOf(
    { perPair: { match: 2, assign: 1, coFire: 1 }, perGroup: { coFire: 2 }, perSae: { encode: 1 } },
    n,
  );
  return (1 + besidesKernel) * (snapshots + 2) * secondsOf(step, rates);
}

/** Whether the folder has all activations; never where they lie elsewhere or are drawn anew. */
async function allKept(plan: Plan, source: ActivationSource, folder: StudyFolder): Promise<boolean> {
  const sites = plan.groups.map(({ site }) => site).filter((site) => source.keptBytes(site) > 0);
  for (const site of sites) if (!(await source.isKept(site, folder))) return false;
  return sites.length > 0;
}

function costOf(plan: Plan, groups: readonly PlannedGroupCost[], source: ActivationSource): Cost {
  const sites = distinctSites(plan, source);
  const sizes = groups.map(({ settings, rows, width, saes }, i) => {
    const { dSae: features } = settings;
    const asked = plan.groups[i].settings;
    const weights = 4 * (2 * features * width + features + width);
    const active = architectures[asked.architecture].activePerRow?.(asked) ?? Math.min(features, 64);
    const snapshots = snapshotSteps(asked, rows).length;
    return {
      finished: saes * weights,
      training: 3 * saes * weights,
      codes: 2 * saes * rows * active * 8,
      features: saes * (saes - 1) * features * bytesPerMatch,
      kept: saes * weights * (1 + snapshots),
    };
  });
  const sum = (of: (size: (typeof sizes)[number]) => number) =>
    sizes.reduce((all, size) => all + of(size), 0);
  const largest = (of: (size: (typeof sizes)[number]) => number) => Math.max(...sizes.map(of));
  const activations = sites.reduce((all, site) => {
    const { rows, cols } = source.shapeOf(site);
    return all + 4 * rows * cols;
  }, 0);
  return {
    seconds: groups.reduce(
      (all, { training, comparison: compare, examples }) => all + training + compare + examples,
      0,
    ),
    memory:
      baseMemory +
      activations +
      sum(({ finished }) => finished) +
      Math.max(
        together * largest(({ training }) => training),
        largest(({ codes, features }) => codes + features),
      ),
    disk:
      sites.reduce((all, site) => all + source.keptBytes(site), 0) +
      sum(({ kept, features }) => kept + 2 * features),
  };
}

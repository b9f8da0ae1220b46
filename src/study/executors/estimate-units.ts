// What giving a study out would come to: the dry run with an executor. Nothing is written.
import type { StudyPlan } from '../../report/study-plan.js';
import type { UnitsPlan } from '../../report/units-plan.js';
import type { ExecutorSettings } from '../config/executor.js';
import { loadStudy } from '../config.js';
import { StudyFolder } from '../folder.js';
import { knownHashes } from '../known-hashes.js';
import { planStudy } from '../plan.js';
import { openSource } from '../sources/index.js';
import { scheduleOf } from '../units/schedule.js';
import type { Unit, UnitKind } from '../units/unit.js';
import { UnitStore } from '../units/unit-store.js';
import { executorSettings, unitsOfStudy } from './fill-study.js';
import { cpusOf } from './open-executor.js';

export interface EstimateUnitsOptions {
  readonly file: string;
  readonly out: string;
  readonly quick?: boolean;
  readonly settings: Partial<ExecutorSettings>;
  /** How many units at a time the time is told for, besides one; by default as many as the executor is to do. */
  readonly nodes?: number | undefined;
  /** What the whole would take on this machine: the units are told in its time. */
  readonly whole: Pick<StudyPlan, 'cost' | 'threads' | 'groups'>;
}

/** @throws as `estimateStudy` */
export async function estimateUnits(options: EstimateUnitsOptions): Promise<UnitsPlan> {
  const { file, out, quick = false, whole } = options;
  const study = await loadStudy(file);
  const plan = planStudy(study, quick);
  const folder = new StudyFolder(out);
  const sites = plan.groups.map(({ site }) => site);
  const fileHash = knownHashes({ folder: folder.hashes, writes: false });
  const source = await openSource(study.activations, sites, file, fileHash);
  const settings = executorSettings(study, options.settings);
  const store = new UnitStore(folder);
  const nodes = options.nodes ?? settings.workers ?? (settings.name === 'local' ? 2 : 4);
  const open: Unit[] = [];
  const taken = new Paces();
  for (const unit of unitsOfStudy({ plan, source }, study, settings)) {
    const record = await store.record(unit.key);
    if (record) taken.add(unit, record.seconds);
    else if (!isThere(unit, whole)) open.push(unit);
  }
  const estimated = open.reduce((sum, { seconds }) => sum + seconds, 0);
  // What was measured here for all of it, shared out as the units weigh beside each other; better, what units of the kind took.
  const pace = estimated > 0 ? (whole.cost.seconds * whole.threads) / estimated : 1;
  const secondsOf = ({ seconds, cpus, work }: Unit) => ((taken.of(work.kind) ?? pace) * seconds) / cpus;
  return {
    inWaves: settings.name === 'slurm',
    executor: settings.name,
    cpus: cpusOf(settings),
    waves: scheduleOf(open, { nodes, secondsOf }).waves,
    times: [...new Set([1, nodes, 2 * nodes])].map((at) => ({
      nodes: at,
      seconds:
        open.length === 0
          ? 0
          : scheduleOf(open, { nodes: at, secondsOf, start: startOf(settings), assembly: report }).seconds,
    })),
  };
}

/** Seconds that the run itself takes to put results together and to write the report, of a study of some twenty SAEs. */
const report = 2;

/** Seconds until a unit begins: local processes are there already. */
function startOf({ name }: ExecutorSettings): number {
  return name === 'local' ? 0 : 2;
}

/** Seconds that units of a kind took, for each second that was estimated. */
class Paces {
  readonly #sums = new Map<UnitKind, { taken: number; estimated: number }>();

  add({ work: { kind }, seconds, cpus }: Unit, taken: number): void {
    // What was there before took nobody's time.
    if (taken === 0) return;
    const sums = this.#sums.get(kind) ?? { taken: 0, estimated: 0 };
    sums.taken += taken * cpus;
    sums.estimated += seconds;
    this.#sums.set(kind, sums);
  }

  /** Undefined where none is done. */
  of(kind: UnitKind): number | undefined {
    const sums = this.#sums.get(kind);
    return sums && sums.estimated > 0 ? sums.taken / sums.estimated : undefined;
  }
}

/** What an earlier run has made without units. */
function isThere({ work }: Unit, { groups }: Pick<StudyPlan, 'groups'>): boolean {
  const group = groups.find(({ id }) => id === work.group);
  if (!group) return false;
  return group.measured || (work.kind === 'train' && group.trained === group.saes);
}

// What a run has told so far, as a value: its stages, how far they are, the losses of every seed.
import type { LiveEvent } from '../../../src/server/protocol.js';

export interface StageProgress {
  readonly stage: string;
  readonly detail: string;
  /** 0 to 1; absent where nobody knows. */
  readonly share?: number;
  readonly secondsLeft?: number;
  readonly item?: string;
}

export interface SeedProgress {
  readonly id: string;
  /** Epoch and loss, of each that was told. */
  readonly losses: readonly (readonly [number, number])[];
  /** Features that fire on none of a sample of rows. */
  readonly dead?: number;
  readonly features: number;
}

export interface RunProgress {
  readonly stages: readonly StageProgress[];
  /** By group. */
  readonly groups: ReadonlyMap<string, readonly SeedProgress[]>;
  readonly notes: readonly string[];
  readonly ended: boolean;
  readonly problem?: string;
}

export const noProgress: RunProgress = { stages: [], groups: new Map(), notes: [], ended: false };

export function withEvent(run: RunProgress, event: LiveEvent): RunProgress {
  if (event.type === 'stage') {
    const finished = run.stages.map((one) => ({ ...one, share: 1 }));
    return { ...run, stages: [...finished, { stage: event.stage, detail: event.detail }] };
  }
  if (event.type === 'progress') {
    const { stage, item, done, total, secondsLeft } = event;
    const now = {
      item,
      share: total > 0 ? done / total : 0,
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
    };
    const stages = run.stages.map(({ secondsLeft: _, ...one }) =>
      one.stage === stage ? { ...one, ...now } : one,
    );
    return { ...run, stages };
  }
  if (event.type === 'epoch') {
    const { group, epoch } = event;
    const before = run.groups.get(group) ?? [];
    const now = event.saes.map(({ loss, ...sae }): SeedProgress => {
      const told = before.find(({ id }) => id === sae.id)?.losses ?? [];
      return { ...sae, losses: [...told, [epoch, loss]] };
    });
    const others = before.filter(({ id }) => !now.some((one) => one.id === id));
    const all = [...others, ...now].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
    const groups = new Map([...run.groups, [group, all] as const]);
    return { ...run, groups };
  }
  if (event.type === 'note') return { ...run, notes: [...run.notes, event.text] };
  return { ...run, ended: true, ...(event.problem === undefined ? {} : { problem: event.problem }) };
}

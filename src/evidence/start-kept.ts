// Whether decoder rows still point where they started, judged from starts that are known.
import { mean } from '../stats/summary.js';
import type { Evidence, InitEvidence } from './evidence.js';

/** cos 45° ≈ 0.71: from here on most of a row's squared length is still its start. */
export const unmoved = 0.7;

export interface StartKept {
  /** What is known of the start of each SAE whose start is known. */
  readonly known: readonly InitEvidence[];
  /** Mean over these SAEs of the median cosine of rows with their start. */
  readonly cosineMedian: number;
  readonly cosineMedianLive: number | undefined;
  readonly cosineMedianDead: number | undefined;
  /** Whether it is known which features fire. */
  readonly firingKnown: boolean;
  readonly liveUnmoved: boolean;
  readonly allUnmoved: boolean;
}

/** Undefined where no start is known. */
export function startKept({ members }: Pick<Evidence, 'members'>): StartKept | undefined {
  const known = members.flatMap((m) => (m.init ? [m.init] : []));
  if (known.length === 0) return undefined;
  const live = known.flatMap((init) => init.cosineMedianLive ?? []);
  const dead = known.flatMap((init) => init.cosineMedianDead ?? []);
  const cosineMedian = mean(known.map((init) => init.cosineMedian));
  const cosineMedianLive = live.length > 0 ? mean(live) : undefined;
  return {
    known,
    cosineMedian,
    cosineMedianLive,
    cosineMedianDead: dead.length > 0 ? mean(dead) : undefined,
    firingKnown: live.length + dead.length > 0,
    liveUnmoved: (cosineMedianLive ?? 0) >= unmoved,
    allUnmoved: cosineMedian >= unmoved,
  };
}

/** Rows of live features, as far as it is known which are, point where they started: a decoder score measures the start. */
export function liveRowsKeptStart(evidence: Pick<Evidence, 'members'>): boolean {
  const kept = startKept(evidence);
  return kept !== undefined && (kept.liveUnmoved || (kept.allUnmoved && !kept.firingKnown));
}

// What a score is with some artefacts switched off, by the counterfactuals that the results hold.
//
// They hold a score with each artefact out alone, and with all of them out. What other sets give was not measured, and is not
// made up.
import type { GroupInFile } from '../../../src/results/results-file.js';

type Cause = GroupInFile['cause'][number];
export type MetricId = Cause['metric'];

export interface Headline {
  readonly metric: MetricId;
  readonly score: number;
  readonly corrected: number;
  /** The null that `corrected` is held against. */
  readonly null: number;
}

export interface Switched {
  readonly metric: MetricId;
  readonly asIs: Headline;
  /** Absent where this set of artefacts was not measured. */
  readonly now?: Headline;
  /** Artefacts of this score, and which of them are off. */
  readonly causes: readonly Cause[];
  readonly off: readonly Cause[];
}

/** Every score that an artefact shapes, and the one that decides. */
export function switchedScores(
  { cause, conclusion, metrics }: GroupInFile,
  off: readonly string[],
): Switched[] {
  const decides = conclusion.deciding;
  const ids = [...new Set([...(decides ? [decides.metric] : []), ...cause.map(({ metric }) => metric)])];
  return ids.map((metric) => {
    const causes = cause.filter((one) => one.metric === metric);
    const out = causes.filter(({ finding }) => off.includes(finding));
    const asIs =
      metric === decides?.metric
        ? { metric, score: decides.score, corrected: decides.corrected, null: decides.null }
        : headline(metric, metrics[metric]?.mean ?? causes[0].score, causes[0].corrected);
    const now = without(causes, out, asIs);
    return { metric, asIs, causes, off: out, ...(now ? { now } : {}) };
  });
}

function without(causes: readonly Cause[], out: readonly Cause[], asIs: Headline): Headline | undefined {
  if (out.length === 0) return asIs;
  const [{ metric, without: score, correctedWithout, reference, correctedReference }] = out;
  if (out.length === 1) return headline(metric, score, correctedWithout);
  return out.length === causes.length ? headline(metric, reference, correctedReference) : undefined;
}

/** corrected = (score − null) / (1 − null), so null = (score − corrected) / (1 − corrected). */
function headline(metric: MetricId, score: number, corrected: number): Headline {
  return { metric, score, corrected, null: corrected < 1 ? (score - corrected) / (1 - corrected) : score };
}

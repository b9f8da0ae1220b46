// What the SAEs of a group found of the true features of the worlds that they read.

import type { MeasureOptions } from '../compare/measure-group.js';
import { measureTruth, type TruthEvidence } from '../evidence/truth.js';
import type { PlannedGroup } from './plan.js';
import type { TrainedSae, TrainStage } from './train-stage.js';

export interface KnownPlanted {
  readonly evidence: TruthEvidence;
  /** Settings of the worlds that results tell conditions by. */
  readonly condition: Readonly<Record<string, number | string>>;
}

/** Undefined where the activations were not planted, or no SAE can be matched. @throws internal.cancelled */
export async function plantedTruth(
  { source }: TrainStage,
  { id, site }: PlannedGroup,
  saes: readonly TrainedSae[],
  options: MeasureOptions,
): Promise<KnownPlanted | undefined> {
  const truth = source.truthOf?.(site);
  if (!truth) return undefined;
  const dictionaries = new Map(saes.map((sae) => [sae.id, truth.dictionary(sae.initSeed)]));
  const evidence = await measureTruth(id, saes, { dictionaries, shared: truth.shared }, options);
  return evidence && { evidence, condition: truth.condition };
}

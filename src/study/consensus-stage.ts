// The stage of consensus: what the SAEs of each group agree on, as one dictionary with its report.

import type { ComparedSae } from '../compare/compare.js';
import { consensus, consensusParts } from '../compare/consensus/consensus.js';
import { consensusFiles } from '../compare/consensus/files.js';
import { consensusResult } from '../compare/consensus/result.js';
import { StageMeter } from '../compare/progress.js';
import { defined } from '../defined.js';
import { keepIn } from '../formats/kept-files.js';
import { dModel } from '../sae/sae.js';
import type { Study } from './config.js';
import type { PlannedGroup } from './plan.js';
import { initOf } from './shelved-saes.js';
import type { TrainedSae, TrainStage } from './train-stage.js';
import { initialWeights } from './trainer.js';

/**
 * Writes `consensus/<group>/` for each group with two SAEs or more that have not diverged.
 * @throws as `consensus`
 */
export async function agreeAll(
  stage: TrainStage,
  trained: ReadonlyMap<string, readonly TrainedSae[]>,
  settings: NonNullable<Study['consensus']>,
  seed: number,
): Promise<void> {
  const { plan, folder, kernel, listen, signal } = stage;
  listen({ type: 'stage', stage: 'consensus', detail: `${plan.groups.length} groups` });
  const meter = new StageMeter(listen, 'consensus', plan.groups.length);
  for (const group of plan.groups) {
    const sound = (trained.get(group.id) as readonly TrainedSae[]).filter(
      ({ training }) => training?.divergedAt === undefined,
    );
    if (sound.length < 2) {
      meter.advance(group.id);
      continue;
    }
    const saes = sound.map((one) => ofGroup(stage, group, one));
    const support = settings.support === undefined ? undefined : Math.min(settings.support, saes.length);
    const found = await consensus(saes, {
      kernel,
      activations: stage.activations(group.site, sound[0].initSeed),
      ...settings,
      ...defined({ support }),
      seed,
      keep: keepIn(folder.parts),
      ...(signal ? { signal } : {}),
      onProgress: (part) =>
        meter.at(`${group.id}, ${consensusParts.indexOf(part) + 1} of ${consensusParts.length}`),
    });
    const result = consensusResult(found, saes, { kernel, createdAt: new Date().toISOString() });
    for await (const { path, content } of consensusFiles(found, result, `saes/${saes[0].id}`)) {
      await folder.write(`consensus/${group.id}/${path}`, content);
    }
    meter.advance(group.id);
  }
}

function ofGroup(
  { activations, source }: TrainStage,
  { settings, site, saes }: PlannedGroup,
  { id, sae, initSeed, orderSeed }: TrainedSae,
): ComparedSae {
  const own = source.keyOf(site, initSeed) !== source.keyOf(site, saes[0].initSeed);
  return {
    id,
    sae,
    init: initOf(sae, () => initialWeights(settings, initSeed, dModel(sae))),
    origin: { format: 'saelens', path: `saes/${id}`, initSeed, orderSeed },
    ...(own ? { activations: activations(site, initSeed) } : {}),
  };
}

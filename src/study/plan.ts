// What a study has to do: its groups (one per layer and site), and the SAEs to train in each.
import { siteId } from '../activations/transformer/config.js';
import type { TrainingPlan } from '../training/loop.js';
import { recipes } from '../training/recipe.js';
import type { Study } from './config.js';

export interface PlannedSae {
  readonly id: string;
  readonly initSeed: number;
  readonly orderSeed: number;
}

/** SAEs that see the same activations and are compared with each other. */
export interface PlannedGroup {
  readonly id: string;
  readonly layer: number;
  readonly site: Study['activations']['sites'][number];
  readonly saes: readonly PlannedSae[];
}

export interface Plan {
  readonly groups: readonly PlannedGroup[];
  readonly training: TrainingPlan;
  /** Draws per sampled null. */
  readonly draws: number;
  /** Set when this is less than the study asks for. */
  readonly shortened?: string;
}

/** Lays out the study; `quick` takes what its `quick` section says. */
export function planStudy(study: Study, quick: boolean): Plan {
  const epochs = quick
    ? Math.min(study.quick.epochs ?? study.training.epochs, study.training.epochs)
    : study.training.epochs;
  const draws = quick
    ? Math.min(study.quick.draws ?? study.analysis.draws, study.analysis.draws)
    : study.analysis.draws;
  const recipe = recipes[study.training.recipe];
  const groups = study.activations.layers.flatMap((layer) =>
    study.activations.sites.map((site) => {
      const id = siteId({ layer, site });
      return { id, layer, site, saes: planSaes(id, study.seeds) };
    }),
  );
  return {
    groups,
    training: {
      recipe,
      k: study.sae.k,
      epochs,
      batchSize: study.training.batchSize,
      learningRate: study.training.learningRate ?? recipe.learningRate,
    },
    draws,
    ...(epochs < study.training.epochs || draws < study.analysis.draws
      ? {
          shortened: `It took ${epochs} of ${study.training.epochs} epochs and ${draws} of ${study.analysis.draws} draws per null.`,
        }
      : {}),
  };
}

function planSaes(group: string, { init, order }: Study['seeds']): PlannedSae[] {
  return init.map((initSeed, i) => {
    const orderSeed = order === 'same' ? initSeed : Array.isArray(order) ? order[i] : order;
    const name = orderSeed === initSeed ? `seed${initSeed}` : `init${initSeed}-order${orderSeed}`;
    return { id: `${group}.${name}`, initSeed, orderSeed };
  });
}

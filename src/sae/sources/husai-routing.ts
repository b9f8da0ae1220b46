// The router of HUSAI's routed_topk, which stands beside the state dict, and which of its two ways of following it was taken.
//
// routing/router_state_dict/{weight [E × d], bias [E]}. Its script trains with expert_topk unless told otherwise (k of the
// group that was chosen), or with global_mask (k of all, of which those of the group stay), and does not save which.
// Source: HUSAI, scripts/experiments/run_routed_frontier_external.py.
import { ReseedError } from '../../errors.js';
import type { Checkpoint } from '../checkpoint.js';
import { readingThatFits } from '../reading-that-fits.js';
import type { Activation, Sae } from '../sae.js';
import { WeightReader } from '../weight-reader.js';

/** Before the names of all tensors beside the state dict that are its own. */
export const routingPrefix = 'routing/';

export interface RoutedSae extends Sae {
  readonly activation: Extract<Activation, { kind: 'routed' }>;
}

/** @param weights whose assumptions these join @throws input.format for more groups than features */
export async function routedActivation(
  { tensors }: Checkpoint,
  weights: WeightReader,
  [features, d]: readonly [number, number],
  k: number,
): Promise<RoutedSae['activation']> {
  const router = new WeightReader(tensors, 'HUSAI', `${routingPrefix}router_state_dict/`);
  const [groups] = router.shape('weight', 2);
  if (groups > features) {
    throw new ReseedError('input.format', 'it has more groups than features', {
      file: tensors.file,
      field: `tensor ${routingPrefix}router_state_dict/weight`,
      found: `${groups}`,
      expected: `at most ${features}`,
    });
  }
  const activation = {
    kind: 'routed',
    k,
    router: await router.rows('weight', groups, d, 'router', 'group of features'),
    routerBias: await router.vector('bias', groups, 'bias of the router'),
    within: true,
  } as const;
  router.requireAllTaken();
  weights.assumptions.push(...router.assumptions);
  return activation;
}

/** The way that reconstructs activations better, where there are any; else that of its script where nothing is said. */
export async function asRouted(
  sae: RoutedSae,
  weights: WeightReader,
  { activations }: NonNullable<Checkpoint['stated']>,
): Promise<Sae> {
  const ways = [true, false].map((within) => ({
    sae: { ...sae, activation: { ...sae.activation, within } },
  }));
  const fitting =
    activations && !(sae.transcoder && !activations.targets)
      ? await readingThatFits(
          ways.map((way) => async () => way),
          activations,
          1,
        )
      : undefined;
  const taken = fitting?.reading ?? ways[0];
  weights.assume(
    'how the router is followed',
    taken.sae.activation.within
      ? 'k of the chosen group'
      : 'k of all, of which those of the chosen group stay',
    fitting
      ? 'activations, which the other way reconstructs less well'
      : 'default of HUSAI; activations may tell',
  );
  return taken.sae;
}

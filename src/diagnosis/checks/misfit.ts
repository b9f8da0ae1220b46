// data.misfit: does an SAE explain these activations far worse than it should, as if it were of another layer?
//
// Far worse than the others of the group; or, where its loss at the end of training is known, than that; or worse than
// the mean of the activations does, which no training ends with. An SAE that is still at its start fits nothing yet. A few massive
// rows, and rows of a position or token that are unlike all others, are left out where nothing but the others tells what to expect: they
// have findings of their own.

import { type Evidence, fitOnOthers, type MemberEvidence } from '../../evidence/evidence.js';
import { startCosine } from '../../evidence/start-estimate.js';
import { unmoved } from '../../evidence/start-kept.js';
import type { Fit } from '../../sae/fit.js';
import { median } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo, type Sentence } from '../words.js';

const id = 'data.misfit';

/** Times the error of the others: runs of one recipe differ by some per cent, not by this. */
const worseBy = 3;

/** A loss that stands for less explained variance than this is not a mean over entries, where a record does not say that it is. */
const leastTrained = -4;

/** Less than this of the variance is no difference that a mistake makes, however well the others fit. */
const lostVariance = 0.2;

type Fitted = MemberEvidence & { readonly fit: NonNullable<MemberEvidence['fit']> };

/** Ids of SAEs that do not fit the activations. */
export function misfits(
  evidence: Pick<Evidence, 'members' | 'metrics' | 'dependence' | 'activations'>,
): string[] {
  const fitted = evidence.members.filter((m): m is Fitted => m.fit !== undefined);
  return fitted.filter((m) => standsApart(m, fitted) || worseThanTrained(m, evidence)).map((m) => m.id);
}

/** Share of the variance that it explains, without massive rows and rows of another kind. */
function explainedBy(one: Fitted): number {
  return (fitOnOthers(one) ?? one.fit).explainedVariance;
}

const fits: readonly Sentence[] = [
  ({ othersExplained, saes }) =>
    othersExplained === undefined || saes === undefined
      ? ''
      : '{worst:sae} explains {worstExplained:percent} of the variance of these activations, ' +
        'the others {othersExplained:percent} (their median).',
  'By its loss it explained {trainedExplained:percent} of those that it was trained on.',
];

export const check: Check<typeof id> = {
  id,
  check: checkMisfit,
  words: {
    artefact: 'an SAE that does not fit these activations',
    supported: {
      title: 'An SAE does not fit these activations',
      summary: [
        ({ misfits }) =>
          misfits > 1 ? '{misfits:count} of {saes:count} SAEs do not fit these activations.' : '',
        ...fits,
        'Probably these activations are of another layer or site than it was trained on, or scaled in another way.',
      ],
      advice: [
        'Check which layer and site {worst:sae} was trained on, and how its input was scaled.',
        'Compare SAEs of one site only.',
      ],
    },
    refuted: { title: 'All SAEs fit these activations alike', summary: fits, advice: nothingToDo },
    inconclusive: { title: 'Fit not compared', advice: giveActivations },
  },
};

function checkMisfit(evidence: Evidence): Finding<typeof id> {
  const fitted = evidence.members.filter((m): m is Fitted => m.fit !== undefined);
  if (fitted.length === 0) return inconclusive(id, evidence.activations ? [] : ['activations']);
  const strange = misfits(evidence);
  const worst = fitted.reduce((a, b) => (explainedBy(b) < explainedBy(a) ? b : a));
  const others = fitted.filter((m) => m !== worst).map(explainedBy);
  const numbers = {
    misfits: strange.length,
    saes: evidence.members.length,
    worst: 1 + evidence.members.indexOf(worst),
    worstExplained: explainedBy(worst),
    othersExplained: others.length > 0 ? median(others) : undefined,
    trainedExplained: explainedInTraining(fitOnOthers(worst) ?? worst.fit, worst),
  };
  if (strange.length === 0) return refuted(id, numbers);
  return supported(id, 'fail', numbers, effectOn(evidence, strange));
}

function effectOn({ metrics }: Evidence, strange: readonly string[]) {
  const headline = metrics['activation.max'];
  const rest = headline?.pairs.filter(({ a, b }) => !strange.includes(a) && !strange.includes(b)) ?? [];
  if (!headline || rest.length === 0) return undefined;
  const without = rest.reduce((sum, { value }) => sum + value, 0) / rest.length;
  return { metric: headline.id, score: headline.mean, without };
}

function standsApart(one: Fitted, fitted: readonly Fitted[]): boolean {
  const others = fitted.filter((m) => m !== one).map(explainedBy);
  return others.length > 0 && isMuchWorse(explainedBy(one), median(others));
}

/** With such rows and without: which of them it was trained on is not known. */
function worseThanTrained(
  one: Fitted,
  evidence: Pick<Evidence, 'metrics' | 'dependence' | 'activations'>,
): boolean {
  const { fit, ordinaryFit, elsewhereFit } = one;
  const fits = [fit, ...(ordinaryFit ? [ordinaryFit] : []), ...(elsewhereFit ? [elsewhereFit] : [])];
  const worse = fits.map((fit) => {
    const before = explainedInTraining(fit, one);
    return before === undefined ? undefined : isMuchWorse(fit.explainedVariance, before);
  });
  if (worse[0] !== undefined) return worse.every((is) => is);
  return explainedBy(one) < 0 && (startCosine(one, evidence) ?? 0) < unmoved;
}

/**
 * Explained variance that its last loss stands for, on activations of the same spread. Where a record does not say what its loss is the
 * mean of, it is taken for one over entries, unless that would be far worse than the mean of the activations.
 */
function explainedInTraining(
  { mse, explainedVariance }: Fit,
  { width, training }: Fitted,
): number | undefined {
  const { losses, lossOver } = training ?? {};
  const loss = losses?.at(-1);
  if (loss === undefined || mse === 0) return undefined;
  const ofEntry = lossOver === 'rows' ? loss / width : loss;
  const explained = 1 - (ofEntry / mse) * (1 - explainedVariance);
  return lossOver === undefined && explained < leastTrained ? undefined : explained;
}

function isMuchWorse(explained: number, usual: number): boolean {
  return 1 - explained > worseBy * (1 - usual) && usual - explained > lostVariance;
}

// The numbers of docs/studies/language-model.md, out of the results of its runs: read from runs/, or from what is committed of them.
//
// docs/studies/language-model.json has these numbers and nothing else; the tables of the page are made of it (tables.mjs).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { looked } from './configurations.mjs';

const scores = ['decoder.max.live', 'decoder.matched', 'activation.max.live', 'shared', 'subspace.32'];

/** Those of live features: the dead of a shared start agree without having learned anything. */
const crossedScores = ['decoder.max.live', 'activation.max.live'];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The null that a verdict would go by: of those that fit, the one that leaves least. */
function strictest({ null: own, otherNulls = [] }) {
  const fitting = otherNulls.filter(({ kind }) => kind === 'covariance-matched' || kind === 'untrained');
  return [own, ...fitting].reduce((a, b) => (b.mean > a.mean ? b : a));
}

function scoreOf(metric) {
  if (!metric) return undefined;
  const level = strictest(metric);
  return {
    mean: metric.mean,
    low: metric.interval?.low,
    high: metric.interval?.high,
    null: metric.null.mean,
    strict: level.mean,
    strictKind: level.kind,
    corrected: (metric.mean - metric.null.mean) / (1 - metric.null.mean),
    beyond: (metric.mean - level.mean) / (1 - level.mean),
  };
}

export function groupOf(group, saes) {
  const own = saes.filter(({ id }) => group.saes.includes(id));
  const stability = group.stability ?? [];
  const features = stability.reduce((sum, { scored }) => sum + scored, 0);
  const share = (key) => stability.reduce((sum, one) => sum + one[key], 0) / features;
  const fits = own.map(({ fit }) => fit).filter(Boolean);
  return {
    saes: own.length,
    features: own.reduce((sum, { dSae }) => sum + dSae, 0),
    architecture: own[0].architecture,
    k: own[0].k,
    activations: group.activations,
    explained: fits.length > 0 ? mean(fits.map(({ explainedVariance }) => explainedVariance)) : undefined,
    l0: fits.length > 0 ? mean(fits.map(({ l0 }) => l0)) : undefined,
    live: mean(own.map(({ usage, dSae }) => (usage.live ?? dSae) / dSae)),
    initCosine: mean(own.map(({ init }) => init?.cosineMedianLive ?? Number.NaN)) || undefined,
    scores: Object.fromEntries(scores.map((id) => [id, scoreOf(group.metrics[id])])),
    inEvery: share('inEvery'),
    inEverySphere: share('inEverySphere'),
    inEvery07: share('inEvery07'),
    inNone: share('inNone'),
    byFiring: group.byFiring,
    families: group.families && { supports: group.families.supports, growth: group.families.growth },
    verdict: group.conclusion.verdict,
    deciding: group.conclusion.deciding?.metric,
    supported: group.findings
      .filter(({ verdict, severity }) => verdict === 'supported' && severity !== 'info')
      .map(({ id, evidence }) => ({ id, evidence })),
  };
}

/** Of SAEs in a cross of init and order seeds: what each explains of the disagreement. */
function crossedOf({ variance }, saes) {
  return {
    saes: saes.length,
    initCosine: mean(saes.map(({ init }) => init.cosineMedianLive)),
    variance: Object.fromEntries(crossedScores.map((id) => [id, variance[id]])),
  };
}

/** All numbers of the page. @param runs the folder that study.mjs writes */
export function numbersOf(runs, configurations) {
  const compared = (name) => {
    const { groups, saes } = read(join(runs, 'language-model-held-out', name, 'results.json'));
    return groupOf(groups[0], saes);
  };
  const crossed = read(join(runs, 'language-model-init-or-order', 'results.json'));
  const { dictionary, families, rest } = read(join(runs, 'language-model-consensus', 'consensus.json'));
  return {
    heldOut: Object.fromEntries(configurations.map((name) => [name, compared(`${name}.held-out`)])),
    trained: compared(`${looked}.trained`),
    allRows: compared('all-rows'),
    ordinary: compared('ordinary-on-all-rows'),
    crossed: crossedOf(crossed.groups[0], crossed.saes),
    consensus: { dictionary, supports: families.supports, growth: families.growth, rest },
  };
}

// Made-up results that look like a real study: 2 layers × 2 sites × 5 seeds; one site is full of dead features.
import { diagnose } from '../../src/diagnosis/diagnose.js';
import type { Evidence, MemberEvidence } from '../../src/evidence/evidence.js';
import { type MeasuredMetric, measured } from '../../src/metrics/measured.js';
import { type Null, nullBand } from '../../src/metrics/nulls/null.js';
import { pairsOf } from '../../src/metrics/pairs/pair-scores.js';
import type { MetricId } from '../../src/metrics/registry.js';
import type { GroupResult, Results, SaeResult } from '../../src/results/results.js';
import { resultsVersion } from '../../src/results/results.js';

const seeds = [42, 123, 456, 789, 1011];
const dSae = 1024;

/** What one group of the fixture is like. */
interface Site {
  layer: number;
  site: string;
  live: number;
  distinctRows: number;
  effectiveRank: number;
  scores: Partial<Record<MetricId, { mean: number; spread: number; nulls: Null[] }>>;
  cosineLive: number;
  cosineDead: number;
  norm: number;
}

const random = (mean: number, sd = 0.0003) => nullBand('random-directions', mean, sd, 20, true);
const init = (mean: number) => nullBand('own-init', mean, 0.0004, 1, false);
const crowded = (mean: number) => nullBand('covariance-matched', mean, 0.002, 20, false);
const rows = (mean: number, sd = 0.004) => nullBand('row-permutation', mean, sd, 20, false);

export const sites: Site[] = [
  {
    layer: 0,
    site: 'plus',
    live: 76,
    distinctRows: 113,
    effectiveRank: 24.3,
    scores: {
      'decoder.max': { mean: 0.3094, spread: 0.0015, nulls: [random(0.2988), init(0.3001)] },
      'decoder.max.live': { mean: 0.406, spread: 0.006, nulls: [random(0.232, 0.001), crowded(0.41)] },
      'activation.max': { mean: 0.057, spread: 0.004, nulls: [rows(0.041, 0.0006)] },
      'activation.max.live': { mean: 0.74, spread: 0.02, nulls: [rows(0.53)] },
      'displacement.max': { mean: 0.42, spread: 0.008, nulls: [random(0.2988)] },
    },
    cosineLive: 0.48,
    cosineDead: 0.99,
    norm: 0.503,
  },
  {
    layer: 0,
    site: 'equals',
    live: 1009,
    distinctRows: 12769,
    effectiveRank: 71.8,
    scores: {
      'decoder.max': { mean: 0.404, spread: 0.002, nulls: [random(0.2988), init(0.3001)] },
      'decoder.max.live': { mean: 0.405, spread: 0.002, nulls: [random(0.2985)] },
      'activation.max': { mean: 0.33, spread: 0.006, nulls: [rows(0.105)] },
      'activation.max.live': { mean: 0.334, spread: 0.006, nulls: [rows(0.106)] },
      'displacement.max': { mean: 0.41, spread: 0.003, nulls: [random(0.2988)] },
    },
    cosineLive: 0.61,
    cosineDead: 0.97,
    norm: 0.61,
  },
  {
    layer: 1,
    site: 'plus',
    live: 95,
    distinctRows: 113,
    effectiveRank: 31.2,
    scores: {
      'decoder.max': { mean: 0.3096, spread: 0.0013, nulls: [random(0.2988), init(0.3001)] },
      'decoder.max.live': { mean: 0.392, spread: 0.007, nulls: [random(0.236, 0.001), crowded(0.4)] },
      'activation.max': { mean: 0.064, spread: 0.004, nulls: [rows(0.043, 0.0006)] },
      'activation.max.live': { mean: 0.72, spread: 0.018, nulls: [rows(0.47)] },
      'displacement.max': { mean: 0.43, spread: 0.008, nulls: [random(0.2988)] },
    },
    cosineLive: 0.45,
    cosineDead: 0.99,
    norm: 0.506,
  },
  {
    layer: 1,
    site: 'equals',
    live: 1024,
    distinctRows: 12769,
    effectiveRank: 40.5,
    scores: {
      'decoder.max': { mean: 0.409, spread: 0.003, nulls: [random(0.2988), init(0.3001)] },
      'decoder.max.live': { mean: 0.409, spread: 0.003, nulls: [random(0.2988)] },
      'activation.max': { mean: 0.711, spread: 0.01, nulls: [rows(0.066)] },
      'activation.max.live': { mean: 0.711, spread: 0.01, nulls: [rows(0.066)] },
      'displacement.max': { mean: 0.415, spread: 0.004, nulls: [random(0.2988)] },
    },
    cosineLive: 0.58,
    cosineDead: 0.96,
    norm: 0.63,
  },
];

/** A number in [−1, 1] that looks random and never changes. */
function wobble(i: number): number {
  return Math.sin(i * 12.9898 + 1.3);
}

const saeId = (site: Site, seed: number) => `layer${site.layer}-${site.site}-seed${seed}`;

function histogram(centre: number, width: number, n: number): number[] {
  const bins = Array.from({ length: 40 }, (_, i) =>
    Math.exp(-(((i + 0.5) / 40 - centre) ** 2) / (2 * width ** 2)),
  );
  const total = bins.reduce((a, b) => a + b);
  return bins.map((b) => Math.round((b / total) * n));
}

function saeResult(site: Site, seed: number, i: number): SaeResult {
  const live = Math.min(dSae, site.live + Math.round(6 * wobble(i)));
  return {
    id: saeId(site, seed),
    path: `saes/${saeId(site, seed)}`,
    format: 'saelens',
    architecture: 'topk',
    dModel: 128,
    dSae,
    k: 32,
    initSeed: seed,
    orderSeed: seed,
    layer: site.layer,
    site: site.site,
    usage: { live, deadByFiring: dSae - live, alwaysOn: 0, deadByNorm: 0 },
    weights: {
      decoder: {
        mean: 1e-5,
        std: 0.0447,
        normMean: site.norm + 0.003 * wobble(i),
        normStd: 0.061,
        normMin: 0.398,
        normMax: 1.12,
      },
      encoder: { mean: -2e-5, std: 0.1262 },
    },
    numerics: { nan: 0, inf: 0, zeroFeatures: 0 },
    fit: { mse: 0.0123 + 0.001 * wobble(i), explainedVariance: 0.987, l0: 32 },
    init: {
      cosineMedian: live > dSae / 2 ? site.cosineLive : site.cosineDead,
      cosineMedianLive: site.cosineLive,
      ...(live < dSae ? { cosineMedianDead: site.cosineDead } : {}),
      cosineHistogram: {
        edges: Array.from({ length: 41 }, (_, e) => e / 40),
        live: histogram(site.cosineLive, 0.14, live),
        dead: live < dSae ? histogram(site.cosineDead, 0.01, dSae - live) : new Array(40).fill(0),
      },
    },
  };
}

function memberEvidence(sae: SaeResult): MemberEvidence {
  const { cosineMedian = 0, cosineMedianLive = 0, cosineMedianDead } = sae.init ?? {};
  return {
    id: sae.id,
    features: sae.dSae,
    width: sae.dModel,
    usage: sae.usage,
    ...(sae.weights ? { weights: sae.weights } : {}),
    numerics: sae.numerics,
    parallelFeatures: 0,
    tinyFeatures: 0,
    giantFeatures: 0,
    encoderLeading: 0.01,
    ...(sae.fit ? { fit: sae.fit } : {}),
    training: { steps: 2500, losses: Array.from({ length: 50 }, (_, i) => 0.0123 + 0.1 * 0.7 ** i) },
    init: {
      cosineMedian,
      cosineMedianLive,
      ...(cosineMedianDead === undefined ? {} : { cosineMedianDead }),
      unmoved: 0,
    },
  };
}

function metricsOf(site: Site, ids: readonly string[]): GroupResult['metrics'] & Evidence['metrics'] {
  const metrics: Partial<Record<MetricId, MeasuredMetric>> = {};
  for (const [id, { mean, spread, nulls }] of Object.entries(site.scores)) {
    const pairs = pairsOf(ids.length).map(([a, b], p) => {
      const value = mean + 1.3 * spread * wobble(p + 31 * site.layer + mean * 100);
      const lean = 0.4 * spread * wobble(p + 7);
      return { a: ids[a], b: ids[b], value, aToB: value + lean, bToA: value - lean };
    });
    metrics[id as MetricId] = measured({ id: id as MetricId, pairs, leftOut: 0 }, ids, nulls);
  }
  return metrics;
}

function groupResult(site: Site, members: readonly SaeResult[]): GroupResult {
  const ids = members.map((sae) => sae.id);
  const metrics = metricsOf(site, ids);
  const liveShare = site.live / dSae;
  const decoderAll = metrics['decoder.max']!.mean;
  const decoderDead = 0.3;
  const splits = {
    'decoder.max': {
      liveShare,
      liveScore: (decoderAll - (1 - liveShare) * decoderDead) / liveShare,
      deadShare: 1 - liveShare,
      ...(liveShare < 1 ? { deadScore: decoderDead } : {}),
    },
    'activation.max': {
      liveShare,
      liveScore: metrics['activation.max']!.mean / liveShare,
      deadShare: 1 - liveShare,
      ...(liveShare < 1 ? { deadScore: 0 } : {}),
    },
  };
  const activations = {
    rows: 12769,
    distinctRows: site.distinctRows,
    effectiveRank: site.effectiveRank,
    places: {},
  };
  const id = `layer${site.layer}-${site.site}`;
  const live = metrics['activation.max.live']!;
  const evidence: Evidence = {
    id,
    members: members.map(memberEvidence),
    activations,
    metrics,
    splits,
    dependence: pairsOf(ids.length).map(([a, b]) => ({
      a: ids[a],
      b: ids[b],
      sameFeatures: 0,
      sameInit: false,
    })),
    counterfactual:
      site.distinctRows < 1000
        ? [
            {
              headline: 'activation.max',
              removed: ['data.distinct-rows'],
              measured: metrics['activation.max']!,
            },
            {
              headline: 'activation.max',
              removed: ['usage.dead-by-firing', 'data.distinct-rows'],
              measured: live,
            },
          ]
        : [],
  };
  const about = { id, layer: site.layer, site: site.site, architecture: 'topk', saes: ids };
  const { findings, cause, verdict: conclusion } = diagnose(evidence);
  return { ...about, activations, metrics, liveSplit: splits, findings, cause, conclusion };
}

/** The whole study. */
export function fixtureResults(): Results {
  const members = sites.map((site, s) => seeds.map((seed, i) => saeResult(site, seed, i + 5 * s)));
  const groups = sites.map((site, s) => groupResult(site, members[s]));
  return {
    schema: resultsVersion,
    createdAt: '2025-01-02T03:04:05.000Z',
    reseed: { version: '0.1.0', kernel: 'portable', threads: 2 },
    study: {
      name: 'layer-0-anomaly',
      description: 'Five TopK SAEs on a transformer that adds modulo 113.',
      config: { seeds, recipe: 'plain', layers: [0, 1], sites: ['plus', 'equals'], epochs: 50 },
    },
    saes: members.flat(),
    groups,
    claims: [
      {
        id: 'dead',
        text: 'No feature is dead (0 of 1024 in each seed)',
        published: 0,
        measured: 948,
        verdict: 'refuted',
        reproduced: true,
        refutedBy: ['usage.norm-is-not-usage'],
        group: 'layer0-plus',
      },
      {
        id: 'decoder',
        text: 'Decoder-based PWMCC at layer 0',
        published: 0.3086,
        measured: 0.3094,
        verdict: 'supported',
        reproduced: true,
        tolerance: 0.008,
        group: 'layer0-plus',
      },
      {
        id: 'activation-fails',
        text: 'Activation-based PWMCC fails on sparse codes & is <useless>',
        published: 'fails',
        verdict: 'inconclusive',
        shortened: true,
      },
    ],
  };
}

/** The same results with only the first `groups` groups and the first `saes` SAEs of each. */
export function smaller(groups: number, saes: number): Results {
  const full = fixtureResults();
  const kept = full.groups.slice(0, groups).map((group) => {
    const ids = group.saes.slice(0, saes);
    const metrics: GroupResult['metrics'] = {};
    for (const [id, metric] of Object.entries(group.metrics)) {
      const pairs = metric.pairs.filter((p) => ids.includes(p.a) && ids.includes(p.b));
      const nulls = [metric.null!, ...(metric.otherNulls ?? [])];
      metrics[id as MetricId] = measured({ id: id as MetricId, pairs, leftOut: 0 }, ids, nulls);
    }
    return { ...group, saes: ids, metrics };
  });
  return { ...full, groups: kept, saes: full.saes.filter((s) => kept.some((g) => g.saes.includes(s.id))) };
}

/** Twelve groups: the four sites at three times as many layers. */
export function twelveGroups(): Results {
  const full = fixtureResults();
  const rename = (text: string, t: number) =>
    text.replace(/layer(\d)/, (_, l) => `layer${Number(l) + 2 * t}`);
  const again = <T>(make: (t: number) => T[]): T[] => [0, 1, 2].flatMap(make);
  return {
    ...full,
    saes: again((t) => full.saes.map((s) => ({ ...s, id: rename(s.id, t), layer: s.layer! + 2 * t }))),
    groups: again((t) =>
      full.groups.map((g) => ({
        ...g,
        id: rename(g.id, t),
        layer: g.layer! + 2 * t,
        saes: g.saes.map((id) => rename(id, t)),
        metrics: Object.fromEntries(
          Object.entries(g.metrics).map(([id, m]) => [
            id,
            { ...m, pairs: m.pairs.map((p) => ({ ...p, a: rename(p.a, t), b: rename(p.b, t) })) },
          ]),
        ),
      })),
    ),
  };
}

/** One group of checkpoints compared without activations, inits or seeds. */
export function weightsOnly(): Results {
  const { study: _study, claims: _claims, ...full } = smaller(1, 3);
  const saes = full.saes.map(
    ({ init: _i, initSeed: _n, orderSeed: _o, layer: _y, site: _s, fit: _f, ...sae }): SaeResult => ({
      ...sae,
      usage: { deadByNorm: 0 },
    }),
  );
  const decoder = full.groups[0].metrics['decoder.max']!;
  const group = { id: 'compare', saes: saes.map((sae) => sae.id), metrics: { 'decoder.max': decoder } };
  const evidence: Evidence = {
    id: group.id,
    members: saes.map((sae) => {
      const { init: _, training: __, ...member } = memberEvidence(sae);
      return member;
    }),
    metrics: { 'decoder.max': { id: 'decoder.max', ...decoder } },
    splits: {},
    counterfactual: [],
  };
  const { findings, cause, verdict: conclusion } = diagnose(evidence);
  return { ...full, saes, groups: [{ ...group, findings, cause, conclusion }] };
}

// What HTML and Markdown share besides tables: the order of findings, method notes, provenance.

import { nullKinds } from '../metrics/nulls/registry.js';
import { metricIds } from '../metrics/registry.js';
import type { FindingResult, GroupResult, Results } from '../results/results.js';
import { featuresFile } from './feature-table.js';
import { count, percent, plural } from './number-format.js';
import { describeShortened } from './wording/claim-words.js';
import { describeFamilies, describeGrowth, describeOptimum } from './wording/family-words.js';
import { describeTrajectory } from './wording/trajectory-words.js';
import { describeTruth } from './wording/truth-words.js';
import { describeVariance } from './wording/variance-words.js';
import { describeFinding, type FindingText, metricWords, nullWords } from './wording.js';

export interface Note {
  readonly term: string;
  /** Id in the JSON. */
  readonly id?: string;
  readonly text: string;
}

/** Name of the study, or what was compared. */
export function titleOf(results: Results): string {
  // Parts of SAEs follow the group of the whole ones.
  return results.study?.name ?? `Comparison of ${plural(results.groups[0]?.saes.length ?? 0, 'SAE')}`;
}

/** What the reader must know before anything else, if anything. */
export function noticesOf(results: Results): string[] {
  const { quick, shortened } = results.study ?? {};
  const warning =
    'A quick run: trained less than the study asks for. The numbers show the way, not the result.';
  const text = [...(quick ? [warning] : []), ...(shortened ? [describeShortened(shortened)] : [])].join(' ');
  const lost = results.saes.flatMap(({ id, divergedAt }) =>
    divergedAt === undefined ? [] : [`${id} (after step ${count(divergedAt)})`],
  );
  return [
    ...(text === '' ? [] : [text]),
    ...(lost.length > 0
      ? [`Training diverged and was given up, and these SAEs are in no score: ${lost.join(', ')}.`]
      : []),
  ];
}

const weight = { fail: 0, warn: 1, info: 2 } as const;

export type FindingInWords = FindingResult & FindingText;

/** Supported findings, gravest first; those that lack something; those that were looked for and are not there. */
export function findingsByVerdict(group: GroupResult): Record<FindingResult['verdict'], FindingInWords[]> {
  const of = (verdict: FindingResult['verdict']) =>
    group.findings.flatMap((f) => (f.verdict === verdict ? [{ ...f, ...describeFinding(f, group) }] : []));
  return {
    supported: of('supported').sort((a, b) => weight[a.severity] - weight[b.severity]),
    inconclusive: of('inconclusive'),
    refuted: of('refuted'),
  };
}

/** "12,769 activations, 113 of them distinct (0.9%); effective rank 24.3." */
export function activationsOf({ activations }: GroupResult): string {
  if (!activations) return 'No activations were given: firing and codes were not measured.';
  const { rows, distinctRows, effectiveRank, clusters, massiveRows = 0, massiveShare = 0 } = activations;
  const upToNoise = clusters === undefined ? '' : `, up to noise about ${count(Math.round(clusters))}`;
  return (
    `${count(rows)} activations, ${count(distinctRows)} of them distinct (${percent(distinctRows / rows)})${upToNoise}; ` +
    `effective rank ${count(effectiveRank)}` +
    (massiveRows > 0
      ? `; ${count(massiveRows)} massive ones with ${percent(massiveShare)} of the variance.`
      : '.')
  );
}

/** What is told in sentences of its own: families, and what only some studies measure: the truth, init against order, training over time. */
export function sectionsInWords({ truth, variance, trajectory, families }: GroupResult): SectionInWords[] {
  return [
    {
      title: 'Features that several SAEs agree on',
      texts: families
        ? [
            describeFamilies(families),
            ...(families.growth ? [describeGrowth(families.growth, families.supports.length - 1)] : []),
            describeOptimum(families),
          ].filter((text) => text !== '')
        : [],
    },
    { title: 'Against the truth', texts: truth ? [describeTruth(truth)] : [] },
    {
      title: 'Init against order',
      texts: metricIds.flatMap((id) => (variance?.[id] ? describeVariance(id, variance[id]) : [])),
    },
    { title: 'Over training', texts: trajectory?.judgements.map(describeTrajectory) ?? [] },
  ].filter(({ texts }) => texts.length > 0);
}

export interface SectionInWords {
  readonly title: string;
  readonly texts: readonly string[];
}

/** Definitions of what the report uses, and no more. */
export function methodNotes(results: Results): Note[] {
  const metrics = results.groups.flatMap((group) => Object.values(group.metrics));
  const kinds = new Set(metrics.flatMap((m) => [m.null?.kind, ...(m.otherNulls ?? []).map((n) => n.kind)]));
  const scores = metricIds
    .filter((id) => results.groups.some((group) => group.metrics[id]))
    .map((id) => ({ term: metricWords[id].name, id, text: metricWords[id].definition }));
  const nulls = nullKinds
    .filter((kind) => kinds.has(kind))
    .map((kind) => ({
      term: `null of ${nullWords[kind].short}`,
      id: kind,
      text: nullWords[kind].definition,
    }));
  return [
    ...scores,
    ...nulls,
    ...generalNotes,
    ...studiedNotes(results),
    ...(featureFile(results) ? [significantMatch] : []),
    ...(results.groups.some(({ families }) => families) ? [featureFamily] : []),
  ];
}

function studiedNotes({ groups }: Results): Note[] {
  return [
    ...(groups.some(({ truth }) => truth) ? [plantedTruth] : []),
    ...(groups.some(({ variance }) => variance) ? [initAgainstOrder] : []),
    ...(groups.some(({ trajectory }) => trajectory) ? [overTraining] : []),
  ];
}

const plantedTruth: Note = {
  term: 'planted overlap',
  text:
    'Share of true features that the worlds of all SAEs of a group have in common. A true feature is recovered when ' +
    'its one-to-one partner among the decoder directions has a cosine of at least 0.9.',
};

const initAgainstOrder: Note = {
  term: 'init against order',
  text:
    'From a full cross of init and order seeds. With δ the mean of 1 − score: init explains 1 − δ(order alone) / ' +
    'δ(both), order 1 − δ(init alone) / δ(both), and the rest is there as soon as either changes. Intervals leave out ' +
    'each init seed and each order seed in turn.',
};

const overTraining: Note = {
  term: 'over training',
  text:
    'Each step has its own null. Not finished: the corrected score rises by at least 0.02 per doubling of the steps, ' +
    'surely above 0, and would be beyond chance after two more. Settled: beyond chance and flat. Never: at chance and ' +
    'flat, while twice the steps would take at most 5% of the loss away.',
};

const generalNotes: readonly Note[] = [
  {
    term: 'corrected',
    text: '(score − null) / (1 − null): 0 at chance, 1 at full agreement. A score is only held against its own null.',
  },
  {
    term: '95% interval',
    text:
      'Resamples SAEs, not pairs, because pairs that share an SAE are not independent: delete-one jackknife, t with ' +
      'n − 1 degrees of freedom, n the number of SAEs. Absent below three SAEs. It holds where SAEs differ by about ' +
      'normal amounts; that some training runs fail, when none of these did, is not in it.',
  },
  { term: 'null band', text: 'Mean ± 1.96 SD of the group’s mean score under the null.' },
  {
    term: 'live, dead',
    text: 'A feature is live if it fires (code other than 0) on at least one of the given activations, else dead.',
  },
  {
    term: 'dead by norm',
    text: 'Decoder row shorter than 0.01. Shown beside the count by firing; the two need not agree.',
  },
  {
    term: 'distinct rows',
    text: 'Counted up to rounding noise: no coordinate differs by more than 1e-4 of the overall SD.',
  },
  {
    term: 'effective rank',
    text: 'Exponential of the entropy of the normalised singular values of the centred activations.',
  },
  {
    term: 'causes',
    text:
      'Each artefact that is there is taken out alone and the score measured again, with its null; its share is how ' +
      'much of the gap closes to the score with all of them taken out.',
  },
];

const significantMatch: Note = {
  term: 'significant match',
  text:
    'A feature’s best |cosine| in another SAE is held against the best of as many random directions that crowd into the ' +
    'same dimensions as that SAE’s (with their second moment); by the whole sphere: that lie anywhere. The p-values of an ' +
    'SAE against another are adjusted by Benjamini and Hochberg, and 5% of false discoveries are let in.',
};

const featureFamily: Note = {
  term: 'family',
  text:
    'Features of several SAEs, of each one at most, of which every two have a |cosine| of at least 0.7 and are each other’s nearest, ' +
    'or both nearest to a third, beyond chance. Of all ways to group them the one with the most agreement within families; ' +
    'families whose support could be by accident are left out, at a false-discovery rate of 5%.',
};

/** How to read features.parquet, where it was written; its columns are in `featureColumns`. */
export function featureFile(
  results: Results,
): { readonly text: string; readonly examples: readonly string[] } | undefined {
  if (!results.groups.some((group) => group.stability)) return undefined;
  return {
    text:
      `${featuresFile} beside this report has one row for each feature and each other SAE of its group: partners, ` +
      'cosines, p-values, and how often the feature comes back.',
    examples: [
      `pandas:  pd.read_parquet("${featuresFile}")`,
      `polars:  pl.read_parquet("${featuresFile}")`,
      `DuckDB:  SELECT sae, feature, stability FROM '${featuresFile}' WHERE stability = 1`,
    ],
  };
}

/** How these results came to be. */
export function provenance(results: Results): Note[] {
  const { version, kernel, threads, command } = results.reseed;
  const seeds = [...new Set(results.saes.flatMap((sae) => sae.initSeed ?? []))];
  return [
    { term: 'reseed', text: `${version}, ${kernel} kernel, ${plural(threads, 'thread')}` },
    ...(command ? [{ term: 'command', text: command }] : []),
    { term: 'created', text: results.createdAt },
    { term: 'SAEs', text: `${count(results.saes.length)} in ${plural(results.groups.length, 'group')}` },
    ...(seeds.length > 0 ? [{ term: 'init seeds', text: seeds.join(', ') }] : []),
    { term: 'format', text: results.schema },
  ];
}

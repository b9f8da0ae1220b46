// The one place where text is made: findings, causes, groups and the answer of a whole study, in plain words.

import type { Cause } from '../diagnosis/cause.js';
import { checkOf, type FindingId } from '../diagnosis/checks/registry.js';
import type { Finding, Need } from '../diagnosis/finding.js';
import type { GroupVerdict, Obstacle } from '../diagnosis/verdict.js';
import type { GroupResult, Results } from '../results/results.js';
import { capitalise, count, list, percent, plural, range, score } from './number-format.js';
import { metricWords, nullWords } from './wording/metric-terms.js';
import { placeWords } from './wording/place-terms.js';
import { type Misled, misledScores } from './wording/reading.js';
import { fill } from './wording/template.js';
import { obstacleWords, openingPlace, placeOf, shortVerdict, verdictWords } from './wording/terms.js';

export { familyOf, familyWords, metricWords, nullWords } from './wording/metric-terms.js';
export { groupName, groupNames, openingPlace, placeOf } from './wording/terms.js';

/** What the words of a finding may draw on besides its own evidence. */
export type GroupContext = Omit<GroupResult, 'findings' | 'cause' | 'conclusion'>;

export interface FindingText {
  readonly title: string;
  readonly summary: string;
  readonly advice: string;
}

/** What an artefact is called in the middle of a sentence. */
export function artefactName(id: FindingId): string {
  return checkOf(id).words.artefact;
}

const needWords = {
  activations: 'activations',
  init: 'the weights before training',
  training: 'the loss during training',
  'another SAE': 'a second SAE',
  tokens: 'the tokens of the activations',
} as const;

/** Those that are one thing. */
const one: readonly Need[] = ['training', 'another SAE'];

/** Title, summary and advice of a finding, with its numbers. */
export function describeFinding(finding: Finding<FindingId>, group: GroupContext): FindingText {
  const { words } = checkOf(finding.id);
  if (finding.verdict === 'inconclusive') {
    const { title, advice } = words.inconclusive;
    const needs = (finding.needs ?? []).map((need) => needWords[need]);
    const why =
      needs.length > 0
        ? `This check needs ${list(needs)}, which ${needs.length === 1 && one.includes(finding.needs?.[0] as Need) ? 'was' : 'were'} not given.`
        : 'The numbers do not decide it.';
    return { title, summary: [why, evidenceText(finding)].filter(Boolean).join(' '), advice };
  }
  const { title, summary, advice } = words[finding.verdict];
  const { places, ...measured } = group.activations ?? {};
  const numbers = { ...measured, saes: group.saes.length, ...finding.evidence };
  const names = { saes: group.saes, ...(places ? { places } : {}) };
  const told = fill(summary, numbers, names) || `${title}.`;
  return {
    title,
    summary: [told, effectText(finding)].filter(Boolean).join(' '),
    advice: fill(advice, numbers, names),
  };
}

/** How many checks could not be made, and what they lack; undefined where every check was made. */
export function describeUnchecked({ findings }: Pick<GroupResult, 'findings'>): string | undefined {
  const unmade = findings.filter(({ verdict }) => verdict === 'inconclusive');
  if (unmade.length === 0) return undefined;
  return `${plural(unmade.length, 'check')} of ${findings.length} could not be made, ${lackOf(unmade)}.`;
}

function lackOf(unmade: readonly Finding[]): string {
  const needs = [...new Set(unmade.flatMap((finding) => finding.needs ?? []))].map((need) => needWords[need]);
  return needs.length > 0 ? `for lack of ${list(needs)}` : 'because the numbers do not decide them';
}

function effectText({ effect, verdict }: Finding): string {
  if (!effect || verdict !== 'supported') return '';
  return `With it the ${metricWords[effect.metric].name} reads ${score(effect.score)}; without it, ${score(effect.without)}.`;
}

function evidenceText({ evidence, needs }: Finding): string {
  const entries = Object.entries(evidence);
  if (needs?.length || entries.length === 0) return '';
  return `Measured: ${entries.map(([name, value]) => `${name} ${score(value)}`).join(', ')}.`;
}

/** One cause in a sentence or two: what taking the artefact out does to the score, and how much that explains. */
export function describeCause(cause: Cause): string {
  const { finding, metric, explained, afterOthers, does, behind, tiedWith = [] } = cause;
  const left = score(cause.correctedReference);
  const scale =
    cause.scale === 'raw'
      ? ` (of the score itself; corrected for chance, ${left} is left once all are out)`
      : '';
  const whole =
    does === 'hides' ? 'every such artefact taken out' : 'all that feigns agreement taken out or allowed for';
  const after =
    afterOthers !== undefined && Math.abs(afterOthers - explained) >= notable
      ? `, ${percent(afterOthers)} of it still after the others`
      : '';
  return [
    `${whatChanges(cause)}: ${percent(explained)} of the way to what it is with ${whole}${after}${scale}.`,
    ...(tiedWith.length > 0
      ? [
          `With ${list(tiedWith.map((id) => artefactName(id)))} taken out instead, it comes to the same: for the ` +
            `${metricWords[metric].name} the data cannot tell ${artefactName(finding)} and ${tiedWith.length > 1 ? 'those' : 'that'} apart.`,
        ]
      : []),
    ...(behind ? [`Behind it: ${artefactName(behind)}.`] : []),
  ].join(' ');
}

/** Shares that differ by less say the same alone as after the others. */
const notable = 0.1;

function whatChanges({ finding, metric, corrected, correctedWithout, ...cause }: Cause): string {
  const [name, artefact] = [metricWords[metric].name, artefactName(finding)];
  const change = `corrected for chance from ${score(corrected)} to ${score(correctedWithout)}`;
  if (finding === 'seeds.not-applied' && correctedWithout === 0) {
    return `Without ${artefact} no pair of runs is left, and nothing of the ${name} (${score(cause.score)}) is known to be more than chance (${score(cause.without)})`;
  }
  if (cause.score === cause.without) {
    const against =
      finding === 'metric.wrong-null'
        ? 'Held against the strictest null that fits it'
        : `Held against a null that allows for ${artefact}`;
    return `${against}, the ${name} stays at ${score(cause.score)} but goes, ${change}`;
  }
  return `Without ${artefact} the ${name} goes from ${score(cause.score)} to ${score(cause.without)}, ${change}`;
}

/** What a group's sentence is made from. */
export interface GroupDiagnosis extends GroupContext {
  readonly findings: readonly Finding<FindingId>[];
  readonly cause: readonly Cause[];
  readonly conclusion: GroupVerdict;
}

/** One sentence on a group: do its features come back, by which score, and which scores to beware of. */
export function describeGroup(group: GroupDiagnosis): string {
  const { verdict, deciding, obstacle } = group.conclusion;
  const beware = misledScores(group).map((m) => metricWords[m.metric].name);
  const warning = beware.length > 0 ? `; do not go by the ${list(beware)}` : '';
  const beyond = deciding && (verdict === 'reproducible' || verdict === 'partly');
  const share = beyond ? `, ${percent(deciding.corrected)} of the way to full agreement` : '';
  const numbers = deciding
    ? ` (${metricWords[deciding.metric].name} ${score(deciding.score)} against ${score(deciding.null)} ${nullWords[deciding.nullKind].level}${share})`
    : '';
  const rows = group.conclusion.without && withoutWords(group);
  const { apart } = group.conclusion;
  const others = apart === undefined ? '' : `, without ${apart}, which stands apart from the others`;
  const limit = group.conclusion.upTo === undefined ? '' : `, ${upToWords(group.conclusion.upTo)}`;
  const reason = verdict === 'cannot-tell' && obstacle ? `, because ${obstacleWords[obstacle]}` : '';
  return `${capitalise(verdictWords[verdict])}${limit}${reason}${numbers}${rows ?? ''}${others}${warning}.`;
}

function upToWords(most: number): string {
  return `and these activations cannot tell more than about ${plural(most, 'feature')} apart`;
}

/** Which rows were left out: massive ones, and where some are set apart by where they stand, those, too. */
function withoutWords({ activations, conclusion }: GroupDiagnosis): string {
  if (!activations) return '';
  const { massiveRows, massiveShare = 0, rows, places } = activations;
  const all = `${count(rows)} activations`;
  const massive =
    massiveRows === undefined
      ? []
      : [`${count(massiveRows)} of ${all}, which hold ${percent(massiveShare)} of the variance`];
  if (conclusion.without === 'data.massive-rows' || !places?.apart) return `, without ${list(massive)}`;
  const { apart } = places;
  const placed = `those at ${list(apart.places.map(placeWords))} (${count(apart.rows)} of ${all})`;
  return `, without ${list([...massive, placed])}`;
}

export interface Answer {
  readonly question: string;
  readonly answer: string;
}

/** The study in three answers: do the features come back, which number to trust, what misled the others. */
export function describeResults(results: Results): Answer[] {
  return [
    { question: 'Do the features come back?', answer: comeBack(results.groups) },
    { question: 'Which number can be trusted?', answer: trustworthy(results.groups) },
    { question: 'What misled the others?', answer: misleading(results.groups) },
  ];
}

function comeBack(groups: readonly GroupResult[]): string {
  const told = (['reproducible', 'partly', 'not-beyond-chance'] as const).flatMap((verdict) => {
    const at = groups.filter((group) => group.conclusion.verdict === verdict);
    if (at.length === 0) return [];
    const agreement = at.flatMap((group) => group.conclusion.deciding?.corrected ?? []);
    const extent =
      verdict === 'not-beyond-chance' || agreement.length === 0
        ? ''
        : ` (${range(Math.min(...agreement), Math.max(...agreement), percent)} of the way from chance to full agreement)`;
    const most = at.flatMap((group) => group.conclusion.upTo ?? []);
    const limit = most.length === at.length ? `, ${upToWords(Math.max(...most))}` : '';
    return [`${words(shortVerdict[verdict], placeOf(at, groups))}${extent}${limit}.`];
  });
  const unclear = new Map<Obstacle | 'none', GroupResult[]>();
  for (const group of groups) {
    if (group.conclusion.verdict !== 'cannot-tell') continue;
    const obstacle = group.conclusion.obstacle ?? 'none';
    unclear.set(obstacle, [...(unclear.get(obstacle) ?? []), group]);
  }
  for (const [obstacle, at] of unclear) {
    const reason = obstacle === 'none' ? '' : `: ${obstacleWords[obstacle]}`;
    told.push(`${words('These data cannot tell', placeOf(at, groups))}${reason}.`);
  }
  return told.join(' ');
}

function trustworthy(groups: readonly GroupResult[]): string {
  const kinds = new Map<string, GroupResult[]>();
  const none = groups.filter((g) => g.conclusion.verdict === 'cannot-tell' || !g.conclusion.deciding);
  for (const group of groups) {
    if (none.includes(group)) continue;
    const { metric, nullKind } = group.conclusion.deciding!;
    const held = `The ${metricWords[metric].name} (${metric}), held against ${nullWords[nullKind].rival}`;
    kinds.set(held, [...(kinds.get(held) ?? []), group]);
  }
  const told = [...kinds].map(([held, at]) => {
    const where = placeOf(at, groups);
    return `${held}${where && `, ${where}`}.`;
  });
  if (none.length > 0) told.push(`${words('None', placeOf(none, groups))}.`);
  const blind = groups.filter((group) => !none.includes(group) && !group.activations);
  if (blind.length > 0) {
    told.push(
      capitalise(
        `${openingPlace(blind, groups)}whether dead features shape it cannot be seen without activations.`,
      ),
    );
  }
  return told.join(' ');
}

function nothingMisled(groups: readonly GroupResult[]): string {
  const unmade = groups.flatMap((g) => g.findings.filter((f) => f.verdict === 'inconclusive'));
  if (unmade.length === 0) return 'Nothing: no check found an artefact that moves a score.';
  return (
    'No check that could be made found an artefact that moves a score, but ' +
    `${plural(new Set(unmade.map(({ id }) => id)).size, 'check')} could not be made ${lackOf(unmade)}.`
  );
}

interface MisledCase {
  readonly misled: Misled;
  readonly at: GroupResult[];
  readonly shares: number[];
}

function misleading(groups: readonly GroupResult[]): string {
  const cases = new Map<string, MisledCase>();
  for (const group of groups) {
    for (const misled of misledScores(group)) {
      const key = [misled.because, misled.behind, misled.metric].join();
      const one = cases.get(key) ?? { misled, at: [], shares: [] };
      one.at.push(group);
      if (misled.explained !== undefined) one.shares.push(misled.explained);
      cases.set(key, one);
    }
  }
  if (cases.size === 0) return nothingMisled(groups);
  // One sentence per artefact and set of groups, however many scores it misled there.
  const sentences = new Map<string, MisledCase[]>();
  for (const one of cases.values()) {
    const key = [one.misled.because, one.misled.behind, ...one.at.map((group) => group.id)].join();
    sentences.set(key, [...(sentences.get(key) ?? []), one]);
  }
  return [...sentences.values()].map((same) => misledSentence(same, groups)).join(' ');
}

function misledSentence(cases: readonly MisledCase[], groups: readonly GroupResult[]): string {
  const [{ misled, at }] = cases;
  const scores = cases.map(({ misled: { metric }, shares }) => {
    const share =
      shares.length > 0 ? ` (${range(Math.min(...shares), Math.max(...shares), percent)} of its gap)` : '';
    return `the ${metricWords[metric].name}${share}`;
  });
  const behind = misled.behind ? `; behind that, ${artefactName(misled.behind)}` : '';
  const are = scores.length === 1 ? 'is' : 'are';
  return (
    `${capitalise(`${openingPlace(at, groups)}${list(scores)}`)} ${are} shaped by ` +
    `${artefactName(misled.because)}${behind}.`
  );
}

/** Words with a space between them, but for those that are empty. */
function words(...parts: readonly string[]): string {
  return parts.filter(Boolean).join(' ');
}

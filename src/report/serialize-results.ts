// Results with all that is said of them in sentences, as results.json has them.
import { defined } from '../defined.js';
import { metricIds } from '../metrics/registry.js';
import { parseResults } from '../results/read-results.js';
import type { ClaimResult, GroupResult, Results } from '../results/results.js';
import { encodeResultsFile, type GroupInFile, type ResultsFile } from '../results/results-file.js';
import { describeClaim, describeShortened } from './wording/claim-words.js';
import { describeTrajectory } from './wording/trajectory-words.js';
import { describeTruth } from './wording/truth-words.js';
import { describeVariance } from './wording/variance-words.js';
import { describeCause, describeFinding, describeGroup } from './wording.js';

/**
 * The text of results.json; the same results give the same bytes, however their keys were put in.
 * @throws input.format, input.non-finite with the path of the first wrong field
 */
export function serializeResults(results: Results): string {
  return encodeResultsFile(withSentences(parseResults(results)));
}

function withSentences({ study, claims, ...results }: Results): ResultsFile {
  const groups = results.groups.map(groupWithSentences);
  return {
    ...results,
    ...(study
      ? { study: { ...study, ...(study.shortened ? { note: describeShortened(study.shortened) } : {}) } }
      : {}),
    groups,
    ...(claims ? { claims: claims.map((claim) => claimWithSentences(claim, results.groups)) } : {}),
  };
}

function groupWithSentences(group: GroupResult): GroupInFile {
  const { trajectory, variance, truth, ...rest } = group;
  return {
    ...rest,
    ...(trajectory
      ? {
          trajectory: {
            ...trajectory,
            judgements: trajectory.judgements.map((one) => ({ ...one, text: describeTrajectory(one) })),
          },
        }
      : {}),
    ...(variance
      ? {
          variance: Object.fromEntries(
            metricIds.flatMap((id) => {
              const one = variance[id];
              return one ? [[id, { ...one, text: describeVariance(id, one) }]] : [];
            }),
          ),
        }
      : {}),
    ...(truth ? { truth: { ...truth, text: describeTruth(truth) } } : {}),
    findings: group.findings.map((finding) => ({ ...finding, ...describeFinding(finding, group) })),
    cause: group.cause.map((cause) => ({ ...cause, text: describeCause(cause) })),
    verdict: describeGroup(group),
  };
}

function claimWithSentences(
  claim: ClaimResult,
  groups: readonly GroupResult[],
): ClaimResult & { because?: string } {
  const because = describeClaim(claim, groups);
  return { ...claim, ...defined({ because }) };
}

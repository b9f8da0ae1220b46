// Measures everything about one group of SAEs that the diagnosis looks at.
import { ReseedError } from '../errors.js';
import { requireControls } from '../metrics/controls/controls.js';
import type { Member } from '../sae/member.js';
import { numerics } from '../sae/weight-statistics.js';
import { distinctRows } from '../stats/distinct-rows.js';
import { effectiveRank } from '../stats/effective-rank.js';
import { nearDuplicates } from '../stats/near-duplicates.js';
import type { Matrix } from '../tensor/matrix.js';
import { type ExamineOptions, GroupContext, type Measuring, startMeasuring } from './context.js';
import type { Evidence, MemberEvidence } from './evidence.js';
import { isSound, measureMember } from './measure-member.js';
import { measureScores } from './measure-scores.js';
import { recompute } from './recompute.js';
import { repeats } from './repeats.js';

/** SAEs that are compared with each other, and the activations [N×d] that their codes are of. */
export interface Group {
  readonly id: string;
  /** With codes and initial weights where they are known. */
  readonly members: readonly Member[];
  readonly x?: Matrix;
}

/**
 * Evidence about a group. SAEs with weights that are not finite, or whose training diverged, are counted and left out
 * of every metric;
 * initial weights that are not finite count as unknown.
 * @throws input.shape when codes and activations, or members, do not fit together; input.non-finite for x;
 *   internal.control when a score that is known does not come out: then no other can be trusted
 */
export function examine(group: Group, options: ExamineOptions): Promise<Evidence> {
  return examineWith(group, startMeasuring(options));
}

/** The same, sharing what is compared with other measurements. */
export async function examineWith(group: Group, measuring: Measuring): Promise<Evidence> {
  const x = group.x && group.x.rows > 0 ? group.x : undefined;
  requireSameRows(group.members, x);
  const sound = soundMembers(group.members);
  const context = new GroupContext({ id: group.id, members: sound, x }, measuring);
  const [first] = sound;
  if (first) await context.part('controls', () => requireControls(first, measuring.kernel, context.draw));
  const members: MemberEvidence[] = [];
  for (const member of group.members) {
    const kept = sound.find((m) => m.id === member.id);
    members.push(await measureMember(kept ?? member, kept !== undefined, x, context));
  }
  const data = x && (await measureActivations(x, context));
  const scores = await measureScores(context);
  const evidence = {
    id: group.id,
    members,
    ...(data ? { activations: data.activations } : {}),
    ...scores,
  };
  const few = data && repeats(evidence) ? data.different : undefined;
  return { ...evidence, counterfactual: await recompute(context, few, evidence) };
}

async function measureActivations(x: Matrix, context: GroupContext) {
  return context.part('activations', async () => {
    const { count, representative } = distinctRows(x);
    const distinct = Array.from(representative.keys()).filter((n) => representative[n] === n);
    const mostRepeated = largestCount(representative);
    const clusters = nearDuplicates(x, distinct);
    return {
      activations: {
        rows: x.rows,
        distinctRows: count,
        effectiveRank: effectiveRank(x),
        ...(mostRepeated > 1 ? { mostRepeated } : {}),
        ...(clusters ? { clusters: clusters.count } : {}),
      },
      /** One row of each kind. */
      different: clusters ? Array.from(clusters.rows) : distinct,
    };
  });
}

function largestCount(representative: Int32Array): number {
  const counts = new Map<number, number>();
  for (const row of representative) counts.set(row, (counts.get(row) ?? 0) + 1);
  return [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
}

/** Members whose weights are all finite and whose training did not diverge, without initial weights that are not. */
export function soundMembers(members: readonly Member[]): Member[] {
  return members
    .filter((m) => m.training?.divergedAt === undefined && isSound(numerics(m.sae)))
    .map(withSoundInit);
}

function withSoundInit({ init, ...member }: Member): Member {
  return init && isSound(numerics(init)) ? { ...member, init } : member;
}

function requireSameRows(members: readonly Member[], x: Matrix | undefined): void {
  const wrong = members.find((m) => x && m.codes && m.codes.rows !== x.rows);
  if (!wrong) return;
  throw new ReseedError('input.shape', 'codes and activations differ in rows', {
    field: wrong.id,
    found: `${wrong.codes?.rows} rows of codes`,
    expected: `${x?.rows}`,
  });
}

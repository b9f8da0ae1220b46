// Measures everything about one group of SAEs that the diagnosis looks at.
import { defined } from '../defined.js';
import { requireControls } from '../metrics/controls/controls.js';
import { sideBySide, together } from '../side-by-side.js';
import type { ColumnMoments } from '../stats/column-moments.js';
import { heavyColumns } from '../stats/heavy-columns.js';
import { type ExamineOptions, GroupContext, type Measuring, startMeasuring } from './context.js';
import type { Evidence } from './evidence.js';
import { measureMember } from './measure-member.js';
import { measureScores } from './measure-scores.js';
import { type Group, type PreparedGroup, prepareGroup } from './prepare.js';
import { recompute } from './recompute.js';
import type { RowDescription } from './row-description.js';

/**
 * Evidence about a group. SAEs with weights that are not finite, or whose training diverged, are counted and left out
 * of every metric; initial weights that are not finite count as unknown.
 * @throws input.shape when codes and activations, or members, do not fit together; input.non-finite for x;
 *   internal.control when a score that is known does not come out: then no other can be trusted
 */
export async function examine(group: Group, options: ExamineOptions): Promise<Evidence> {
  const measuring = startMeasuring(options);
  return examinePrepared(await prepareGroup(group, measuring), measuring);
}

/** The same of a group that is ready. */
export async function examinePrepared(
  { id, members: all, sound, data }: PreparedGroup,
  measuring: Measuring,
): Promise<Evidence> {
  const context = new GroupContext(
    { id, members: sound, scatter: data?.scatter, mean: data?.moments.means(), kurtosis: data?.kurtosis },
    measuring,
  );
  const [first] = sound;
  const [members, scores] = await together(
    sideBySide(all, context.lanes, (member) => measureMember(member, sound.includes(member), context)),
    measureScores(context),
    first
      ? context.part('controls', () => requireControls(first, measuring.kernel, context.draw))
      : Promise.resolve(),
  );
  const evidence = {
    id,
    members,
    ...(data ? { activations: activationsOf(data) } : {}),
    ...scores,
  };
  return { ...evidence, counterfactual: await recompute(context, data, evidence) };
}

function activationsOf({
  rows,
  distinctRows,
  effectiveRank,
  mostRepeated,
  clusters,
  codeRows,
  massive,
  moments,
  places,
}: NonNullable<PreparedGroup['data']>): NonNullable<Evidence['activations']> {
  return {
    rows,
    distinctRows,
    effectiveRank,
    ...meanOf(moments),
    ...heavyOf(moments),
    ...(codeRows < rows ? { codeRows } : {}),
    ...defined({ mostRepeated, clusters }),
    ...(massive
      ? {
          massiveRows: massive.rows.length,
          massiveTimes: massive.times,
          massiveShare: massive.share,
          ordinaryRank: massive.effectiveRank,
        }
      : {}),
    ...(places ? { places: placesOf(places) } : {}),
  };
}

function placesOf({ apart, ...places }: NonNullable<RowDescription['places']>) {
  if (!apart) return places;
  const { scatter: _, rows, ...told } = apart;
  return { ...places, apart: { ...told, rows: rows.length } };
}

/** N‖x̄‖² as a share of Σ‖x‖². */
function meanOf(moments: ColumnMoments): { meanShare?: number } {
  const held = moments.rows * moments.means().reduce((sum, m) => sum + m * m, 0);
  const all = held + moments.spread();
  return all === 0 ? {} : { meanShare: held / all };
}

function heavyOf(moments: ColumnMoments): { heavyDimensions?: number; heavyShare?: number } {
  const heavy = heavyColumns(moments.spreads());
  return heavy ? { heavyDimensions: heavy.columns.length, heavyShare: heavy.share } : {};
}

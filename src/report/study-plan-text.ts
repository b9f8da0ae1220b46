// What a study would do and cost, for a terminal.
import { count, list, plural } from './number-format.js';
import { settingsText } from './settings-text.js';
import type { PlannedGroupCost, StudyPlan } from './study-plan.js';
import { aligned, type Paint, painter, wrap } from './text-layout.js';

export interface StudyPlanTextOptions {
  /** Mark words with ANSI colours; off by default. */
  readonly colour?: boolean;
  /** Columns that no sentence goes beyond, 80 by default. */
  readonly width?: number;
}

/** The text, with a newline at its end. */
export function renderStudyPlan(
  plan: StudyPlan,
  { colour = false, width = 80 }: StudyPlanTextOptions = {},
): string {
  const paint = painter(colour);
  const settings = new Set(plan.groups.map((group) => settingsText(group.settings)));
  const common = settings.size === 1 ? [...settings] : [];
  const blocks = [
    [paint('bold', `${plan.name}: ${summaryOf(plan)}`), ...common.map((text) => `each with ${text}`)],
    tableOf(plan.groups, settings.size > 1, paint),
    [...doneText(plan), ...costText(plan)].flatMap((text) => wrap(text, width)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function summaryOf({ groups, stages }: StudyPlan): string {
  const saes = groups.reduce((sum, group) => sum + group.saes, 0);
  return `${plural(saes, 'SAE')} in ${plural(groups.length, 'group')}; ${list(stages)}`;
}

function tableOf(groups: readonly PlannedGroupCost[], differ: boolean, paint: Paint): string[] {
  const examples = groups.some((group) => group.examples > 0);
  const head = [
    'group',
    ...(differ ? ['settings'] : []),
    'rows',
    'SAEs',
    'steps',
    'done',
    'train',
    'compare',
    ...(examples ? ['examples'] : []),
  ];
  const rows = groups.map((group) => [
    group.id,
    ...(differ ? [settingsText(group.settings)] : []),
    count(group.rows),
    count(group.saes),
    count(group.settings.steps),
    group.measured ? 'all' : group.trained > 0 ? `${count(group.trained)} trained` : 'nothing',
    timeOf(group.training),
    timeOf(group.comparison),
    ...(examples ? [timeOf(group.examples)] : []),
  ]);
  const [first, ...others] = aligned([head, ...rows], { numbersFrom: differ ? 2 : 1 });
  return [paint('dim', first), ...others];
}

function timeOf(seconds: number): string {
  return seconds > 0 ? timeText(seconds) : '–';
}

function doneText({ groups, folder, activationsKept, quick }: StudyPlan): string[] {
  const trained = groups.reduce((sum, group) => sum + group.trained, 0);
  const measured = groups.filter((group) => group.measured).length;
  const kept = [
    ...(activationsKept ? ['the activations'] : []),
    ...(trained > 0 ? [plural(trained, 'trained SAE')] : []),
    ...(measured > 0 ? [`the scores of ${plural(measured, 'group')}`] : []),
  ];
  const has = kept.length > 0 ? `${folder} has ${list(kept)} already.` : `${folder} has nothing of it yet.`;
  return [...(quick ? ['A quick run: less than the study asks for.'] : []), has];
}

function costText({ cost, kernel, threads, measuringSeconds }: StudyPlan): string[] {
  if (cost.seconds === 0) return ['There is nothing left to train or to compare.'];
  return [
    `It would take about ${timeText(cost.seconds)}, ${bytesText(cost.memory)} of memory and ${bytesText(cost.disk)} of ` +
      `disk with the ${kernel} kernel on ${plural(threads, 'thread')}.`,
    `Time is estimated from training steps and comparisons of these sizes, measured here for ${timeText(measuringSeconds)}, on ` +
      'activations without repeats; expect it to be right within a factor of two or three, and less where rows repeat.',
  ];
}

/** As people say it; from a tenth of a second. */
export function timeText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/** In MB and GB of 10⁶ and 10⁹ bytes. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  if (bytes < 9.5e8) return `${Math.ceil(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

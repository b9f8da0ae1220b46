// The groups of a study that goes through several settings, side by side: settings, fit, scores, verdict.

import type { GroupResult, MetricResult, Results, SaeResult } from '../results/results.js';
import { mean } from '../stats/summary.js';
import { ownKeys, ownSettings } from '../training/architectures/registry.js';
import { count, plain, score } from './number-format.js';
import { axesOf } from './settings-text.js';
import { type Cell, type Filled, type Table, table } from './tables.js';
import { groupName, metricWords } from './wording.js';

/** The scores that stand in it, in the order of its columns. */
const shown = ['decoder.max.live', 'decoder.matched', 'activation.max.live'] as const;

interface Row {
  readonly group: GroupResult;
  readonly saes: readonly SaeResult[];
}

/** Undefined where all groups have the same settings, or none are known. */
export function settingsTable(results: Results): Table | undefined {
  const groups = results.groups.filter(({ settings }) => settings !== undefined);
  if (axesOf(groups.flatMap(({ settings }) => settings ?? [])).length === 0) return undefined;
  const rows = groups.map((group): Row => {
    return { group, saes: results.saes.filter(({ id }) => group.saes.includes(id)) };
  });
  return table('Settings and what they give', rows, [
    { name: 'Group', cell: ({ group }) => ({ text: groupName(group), note: group.id }) },
    {
      name: 'Architecture',
      cell: ({ group: { settings } }) => settings && { text: settings.architecture, note: settings.recipe },
    },
    setting('Features', ({ dSae }) => count(dSae)),
    ...ownKeys.map((key) =>
      setting(ownSettings[key].words.column, ({ [key]: value }) =>
        typeof value === 'object' ? value.map(count).join(', ') : value && plain(value),
      ),
    ),
    setting('Steps', ({ steps }) => count(steps)),
    overSaes('Active per row', (s) => s.fit?.l0, plain),
    overSaes('Explained variance', (s) => s.fit?.explainedVariance, score),
    overSaes(
      'Live',
      (s) => s.usage.live,
      (n) => count(Math.round(n)),
    ),
    ...shown.map(
      (id): Filled<Row> => ({
        name: metricWords[id].short,
        numeric: true,
        cell: ({ group }) => scoreCell(group.metrics[id]),
      }),
    ),
    { name: 'Verdict', cell: ({ group }) => group.conclusion.verdict.replaceAll('-', ' ') },
  ]);
}

function setting(
  name: string,
  get: (settings: NonNullable<GroupResult['settings']>) => string | number | undefined,
): Filled<Row> {
  return {
    name,
    numeric: true,
    cell: ({ group: { settings } }) => {
      const value = settings && get(settings);
      return value === undefined ? undefined : String(value);
    },
  };
}

/** Mean over the SAEs that have it. */
function overSaes(
  name: string,
  get: (sae: SaeResult) => number | undefined,
  format: (value: number) => string,
): Filled<Row> {
  return {
    name,
    numeric: true,
    cell: ({ saes }) => {
      const values = saes.flatMap((sae) => get(sae) ?? []);
      return values.length > 0 ? format(mean(values)) : undefined;
    },
  };
}

/** Corrected for chance, and under it what it was and its null. */
function scoreCell(metric: MetricResult | undefined): Cell | undefined {
  if (!metric) return undefined;
  const { corrected, null: own } = metric;
  if (corrected === undefined || !own) return { text: score(metric.mean), note: 'not corrected' };
  return { text: score(corrected), note: `${score(metric.mean)} against ${score(own.mean)}` };
}

// Figure: how far each artefact that was found moves a score when it is taken out, both corrected for chance.
import * as Plot from '@observablehq/plot';
import type { CauseResult, GroupResult, Results } from '../../results/results.js';
import { capitalise, percent, plural, score } from '../number-format.js';
import { artefactName, groupName, metricWords, openingPlace } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { deadColour, ink, liveColour } from './theme.js';

const rowHeight = 60;
const width = 468;

/** One panel per group that has causes; absent where none has. */
export function causesFigure(results: Results): Figure | undefined {
  const groups = results.groups.filter(({ cause }) => cause.length > 0);
  if (groups.length === 0) return undefined;
  const saes = groups.reduce((sum, group) => sum + group.saes.length, 0);
  return figure({
    id: 'causes',
    byGroup: true,
    title: 'What each artefact does to the score',
    subtitle:
      'Scores corrected for chance (0: chance, 1: the same features), as measured and with one artefact taken out alone; ' +
      `n = ${plural(saes, 'SAE')} in ${groups.length === 1 ? 'one group' : `${groups.length} groups`}`,
    legend: [
      { label: 'as measured', colour: deadColour, shape: 'dot' },
      { label: 'without the artefact', colour: liveColour, shape: 'dot' },
      { label: 'with all of them taken out', colour: ink.strong, shape: 'line' },
    ],
    panels: groups.map(causesPanel),
    columns: 2,
    caption: captionOf(groups),
    alt: groups.map((group) => `${groupName(group)}: ${group.cause.map(told).join('; ')}.`).join(' '),
  });
}

function told({ finding, metric, corrected, correctedWithout, explained }: CauseResult): string {
  return (
    `without ${artefactName(finding)} the ${metricWords[metric].name} goes from ${score(corrected)} to ` +
    `${score(correctedWithout)}, which explains ${percent(explained)}`
  );
}

function causesPanel(group: GroupResult): Panel {
  const { cause } = group;
  const all = cause.flatMap((one) => [one.corrected, one.correctedWithout, one.correctedReference]);
  const at = (i: number) => i + 0.76;
  return panel(groupName(group), {
    width,
    height: cause.length * rowHeight + 44,
    marginLeft: 12,
    marginRight: 12,
    marginTop: 4,
    marginBottom: 40,
    x: { domain: [Math.min(0, ...all), Math.max(1, ...all)], label: null },
    y: { domain: [0, cause.length], axis: null, reverse: true },
    marks: [
      Plot.axisX({ ticks: 6, color: ink.soft, label: null, tickSize: 4 }),
      Plot.ruleX([0], { stroke: ink.faint }),
      Plot.ruleX(cause, {
        x: 'correctedReference',
        y1: (_, i) => at(i) - 0.14,
        y2: (_, i) => at(i) + 0.14,
        stroke: ink.strong,
        strokeWidth: 2,
      }),
      Plot.link(cause, {
        x1: 'corrected',
        x2: 'correctedWithout',
        y1: (_, i) => at(i),
        y2: (_, i) => at(i),
        stroke: liveColour,
        strokeWidth: 1.5,
      }),
      Plot.dot(cause, { x: 'corrected', y: (_, i) => at(i), r: 4, fill: deadColour }),
      Plot.dot(cause, { x: 'correctedWithout', y: (_, i) => at(i), r: 4, fill: liveColour }),
      ...[artefactOf, changeOf].map((text, line) =>
        Plot.text(cause, {
          frameAnchor: 'left',
          y: (_, i) => i + 0.2 + 0.24 * line,
          text,
          textAnchor: 'start',
          fill: line === 0 ? ink.strong : ink.soft,
          fontSize: 11,
        }),
      ),
      Plot.text(['score corrected for chance'], {
        frameAnchor: 'bottom',
        dy: 34,
        fill: ink.soft,
        fontSize: 10.5,
      }),
    ],
  });
}

const artefactOf = ({ rank, finding }: CauseResult) => `${rank}. ${artefactName(finding)}`;

const changeOf = ({ metric, corrected, correctedWithout, explained }: CauseResult) =>
  `${metricWords[metric].short}: ${score(corrected)} to ${score(correctedWithout)}, explains ${percent(explained)}`;

/** Which artefact explains most, group by group, where it is the same for several of them. */
function captionOf(groups: readonly GroupResult[]): string {
  const first = groups.map((group) => ({
    group,
    top: group.cause.reduce((a, b) => (b.rank < a.rank ? b : a)),
  }));
  const sentences = [...new Set(first.map(({ top }) => top.finding))].map((finding) => {
    const at = first.filter(({ top }) => top.finding === finding);
    const shares = at.map(({ top }) => top.explained);
    const [least, most] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
    const place = openingPlace(
      at.map(({ group }) => group),
      groups,
    );
    const share = least === most ? most : `${least} to ${most}`;
    return capitalise(
      `${place}most is explained by ${artefactName(finding)}: ${share} of what taking out every artefact changes.`,
    );
  });
  return sentences.join(' ');
}

// Figure: how far decoder rows moved from their initial direction, live and dead features apart.
import * as Plot from '@observablehq/plot';
import { unmoved } from '../../evidence/start-kept.js';
import type { GroupResult, Results, SaeResult } from '../../results/results.js';
import { mean } from '../../stats/summary.js';
import { capitalise, count, plural, range, score } from '../number-format.js';
import { groupName, groupNames, openingPlace, placeOf } from '../wording.js';
import { type Figure, figure, type Panel, panel } from './figure.js';
import { deadColour, ink, liveColour } from './theme.js';

const width = 468;
const laneHeight = 62;
const colours = { live: liveColour, dead: deadColour } as const;

interface Lane {
  readonly name: 'live' | 'dead';
  /** Per bin, summed over the SAEs of the group. */
  readonly counts: readonly number[];
  /** Number of features. */
  readonly n: number;
  /** Mean over SAEs of the median cosine. */
  readonly median: number;
}

interface Drift {
  readonly group: GroupResult;
  readonly edges: readonly number[];
  readonly lanes: readonly Lane[];
  readonly saes: number;
}

/** One panel per group whose start is known; absent where none is. */
export function initCosineFigure(results: Results): Figure | undefined {
  const saes = new Map(results.saes.map((sae) => [sae.id, sae]));
  const drifts = results.groups.flatMap((group) => driftOf(group, saes));
  if (drifts.length === 0) return undefined;
  const edges = drifts.flatMap((d) => d.edges.filter((_, i) => d.lanes.some((lane) => lane.counts[i] > 0)));
  const from = Math.max(-1, Math.floor(Math.min(...edges) * 5) / 5);
  const all = drifts.flatMap((d) => d.lanes).reduce((sum, lane) => sum + lane.n, 0);
  return figure({
    id: 'init-cosine',
    byGroup: true,
    title: 'How far each feature moved from where it started',
    subtitle:
      `Cosine of each decoder row with its own start (1 = did not turn); n = ${count(all)} features; each lane has its ` +
      'own scale',
    legend: [
      { label: 'live features', colour: liveColour, shape: 'box' },
      { label: 'dead features', colour: deadColour, shape: 'box' },
      { label: 'median', colour: ink.strong, shape: 'line' },
    ],
    panels: drifts.map((drift) => driftPanel(drift, from)),
    columns: 2,
    caption: captionOf(drifts),
    alt: drifts
      .map((d) => {
        const lanes = d.lanes.map(
          ({ name, n, median }) => `${count(n)} ${name} features around ${score(median)}`,
        );
        return `${groupName(d.group)}: ${lanes.join(', ')}.`;
      })
      .join(' '),
  });
}

function driftOf(group: GroupResult, saes: ReadonlyMap<string, SaeResult>): Drift[] {
  const known = group.saes.flatMap((id) => {
    const { cosineHistogram, ...init } = saes.get(id)?.init ?? {};
    return cosineHistogram ? [{ ...init, ...cosineHistogram }] : [];
  });
  if (known.length === 0) return [];
  const [{ edges }] = known;
  const same = known.filter(
    (k) => k.edges.length === edges.length && k.edges.every((e, i) => e === edges[i]),
  );
  const lanes = [
    laneOf(
      'live',
      same.map((k) => k.live),
      same.flatMap((k) => k.cosineMedianLive ?? []),
    ),
    laneOf(
      'dead',
      same.map((k) => k.dead),
      same.flatMap((k) => k.cosineMedianDead ?? []),
    ),
  ].filter((lane) => lane.n > 0);
  return [{ group, edges, lanes, saes: same.length }];
}

function laneOf(
  name: Lane['name'],
  counts: readonly (readonly number[])[],
  medians: readonly number[],
): Lane {
  const summed = counts[0].map((_, bin) => counts.reduce((sum, c) => sum + c[bin], 0));
  return { name, counts: summed, n: summed.reduce((x, y) => x + y, 0), median: mean(medians) };
}

// One lane per kind of feature, each scaled to its own peak: where nearly all features are dead, live ones
// would be flat on a common scale.
function driftPanel({ edges, lanes, group, saes }: Drift, from: number): Panel {
  const bars = lanes.flatMap(({ name, counts }, i) => {
    const peak = Math.max(...counts);
    return counts.flatMap((c, bin) =>
      c > 0
        ? [
            {
              x1: edges[bin],
              x2: edges[bin + 1],
              y1: i + 1,
              y2: i + 1 - (0.72 * c) / peak,
              colour: colours[name],
            },
          ]
        : [],
    );
  });
  const marks = lanes.map((lane, i) => ({ ...lane, bottom: i + 1 }));
  return panel(
    groupName(group),
    {
      width,
      height: lanes.length * laneHeight + 42,
      marginLeft: 84,
      marginRight: 96,
      marginTop: 2,
      marginBottom: 40,
      x: { domain: [from, 1], label: null },
      y: { domain: [0, lanes.length], axis: null, reverse: true },
      marks: [
        Plot.axisX({ ticks: 6, color: ink.soft, label: null, tickSize: 4 }),
        Plot.rect(bars, {
          x1: 'x1',
          x2: 'x2',
          y1: 'y1',
          y2: 'y2',
          fill: 'colour',
          insetLeft: 0.5,
          insetRight: 0.5,
        }),
        Plot.ruleY(marks, { y: 'bottom', stroke: ink.soft }),
        Plot.ruleX(marks, {
          x: 'median',
          y1: 'bottom',
          y2: (d) => d.bottom - 0.84,
          stroke: ink.strong,
          strokeWidth: 1.6,
        }),
        Plot.text(marks, {
          frameAnchor: 'left',
          y: (d) => d.bottom - 0.36,
          dx: -8,
          text: (d) => `${d.name}\nn = ${count(d.n)}`,
          textAnchor: 'end',
          fill: ink.strong,
          fontSize: 11,
        }),
        Plot.text(marks, {
          frameAnchor: 'right',
          y: (d) => d.bottom - 0.36,
          dx: 12,
          text: (d) => `median ${score(d.median)}`,
          textAnchor: 'start',
          fill: ink.strong,
          fontSize: 11,
        }),
        Plot.text(['cosine with own initial direction'], {
          frameAnchor: 'bottom',
          dy: 34,
          fill: ink.soft,
          fontSize: 10.5,
        }),
      ],
    },
    plural(saes, 'SAE'),
  );
}

/** Do dead features stand where they started, and did the live ones leave? */
function captionOf(drifts: readonly Drift[]): string {
  const all = drifts.map((d) => d.group);
  const lanes = (name: Lane['name'], test: (median: number) => boolean) =>
    drifts.flatMap(({ group, lanes: both }) => {
      const lane = both.find((l) => l.name === name && test(l.median));
      return lane ? [{ group, lane }] : [];
    });
  const stuck = lanes('dead', (median) => median > unmoved);
  const liveStuck = lanes('live', (median) => median > unmoved);
  const moved = lanes('live', (median) => median <= unmoved);
  const sentences: string[] = [];
  if (stuck.length > 0) {
    const place = placeOf(
      stuck.map((d) => d.group),
      all,
    );
    const n = stuck.reduce((sum, { lane }) => sum + lane.n, 0);
    sentences.push(
      `The ${plural(n, 'dead feature')} ${place && `${place} `}still point where they were initialised; ` +
        'a decoder-based score over them compares random starts.',
    );
  }
  if (liveStuck.length > 0) {
    sentences.push(
      capitalise(
        `${openingPlace(
          liveStuck.map((d) => d.group),
          all,
        )}even the live features have hardly turned: what their ` +
          'decoder rows agree on is not what was learned.',
      ),
    );
  }
  if (moved.length > 0) {
    const medians = moved.map(({ lane }) => lane.median);
    sentences.push(
      `Live features ${liveStuck.length > 0 ? `at ${groupNames(moved.map((d) => d.group))} ` : ''}have turned away ` +
        `from their start (median cosine ${range(Math.min(...medians), Math.max(...medians), score)}), so what they ` +
        'agree on was learned.',
    );
  }
  return sentences.join(' ');
}

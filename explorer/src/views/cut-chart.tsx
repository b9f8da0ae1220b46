// The histogram of best |cosine|s, or their share from each value on, with what chance gives behind it: the cut is dragged on it.
import { type KeyboardEvent, useMemo, useRef } from 'react';
import { cosineBins } from '../data/binning.js';
import { between, boundsOf, filterText, parseFilter, withTerms } from '../data/filter.js';
import { bestByChance } from '../data/null-curve.js';
import type { Summary } from '../data/summary.js';
import { useDrag } from '../parts/drag.js';
import { count, percent, score } from '../parts/format.js';
import { moveCut } from '../parts/shortcuts.js';
import { type Size, useSize } from '../parts/size.js';
import type { Address } from '../state/address.js';
import { useAddress } from '../state/history.js';
import { type Session, useKnown, useSession } from '../state/session.js';

/** Cuts that papers use. */
export const marks = [0.7, 0.8, 0.9] as const;

const margin = { left: 44, right: 12, top: 22, bottom: 34 } as const;

export function CutChart({ summary }: { readonly summary: Summary }) {
  const session = useSession();
  const { results } = useKnown();
  const { chart, cut, filter } = useAddress(session.address);
  const [box, size] = useSize<HTMLDivElement>();
  const group = session.group();
  const sae = results?.saes.find(({ id }) => id === group?.saes[0]);
  const chance = useMemo(() => sae && bestByChance(sae.dModel, sae.dSae, cosineBins), [sae]);
  const bars = chart === 'share' ? atOrAbove(summary.histogram) : share(summary.histogram, summary.rows);
  const behind = chance && (chart === 'share' ? atOrAbove(chance) : chance);
  const axes = axesOf(size, chart === 'share' ? 1 : topOf(bars, behind));
  const { width, height, base, x, y } = axes;
  const drag = useCutDrag(session, axes);
  const nulls = nullLines(group?.metrics['decoder.max']);
  const chanceArea = behind && (
    <path
      className={`null-area ${chart}`}
      d={`${outline(behind, x, y, chart === 'histogram')}L${x(1)} ${base}L${x(0)} ${base}Z`}
    />
  );
  return (
    <>
      <div className="chart" ref={box}>
        <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} {...drag}>
          <title>Best |cosine| of the selected features</title>
          <SelectedRange filter={filter} axes={axes} />
          {/* Behind bars that leave room for it; before those that would hide it. */}
          {chart === 'histogram' && chanceArea}
          <path className="bars below" d={barsPath(bars, x, y, base, 0, cut)} />
          <path className="bars above" d={barsPath(bars, x, y, base, cut, 1)} />
          {chart === 'share' && chanceArea}
          {nulls.map(({ kind, mean }) => (
            <line key={kind} className="null-line" x1={x(mean)} x2={x(mean)} y1={margin.top} y2={base} />
          ))}
          <Ticks axes={axes} />
          <Cut cut={cut} axes={axes} />
        </svg>
      </div>
      <p className="legend">
        <span>
          <i className="swatch above" /> at the cut or above
        </span>
        <span>
          <i className="swatch below" /> below
        </span>
        {behind && (
          <span>
            <i className="swatch null" /> {count(sae?.dSae ?? 0)} random directions in {sae?.dModel}{' '}
            dimensions
          </span>
        )}
        {nulls.length > 0 && (
          <span>
            <i className="swatch line" /> mean of a stricter null
          </span>
        )}
      </p>
    </>
  );
}

type Scale = (value: number) => number;

/** Where values stand on the chart, in its pixels. */
interface Axes extends Size {
  /** The height at which the axis of |cosine| lies. */
  readonly base: number;
  /** The share at the upper end of the other axis. */
  readonly top: number;
  /** Of a |cosine|. */
  readonly x: Scale;
  /** Of a share. */
  readonly y: Scale;
  /** The |cosine| at a pixel, to three decimals. */
  readonly cosineAt: Scale;
}

function axesOf(size: Size | undefined, top: number): Axes {
  const { width, height } = { width: Math.max(160, size?.width ?? 480), height: size?.height ?? 240 };
  const [inner, base] = [width - margin.left - margin.right, height - margin.bottom];
  return {
    width,
    height,
    base,
    top,
    x: (cosine) => margin.left + inner * cosine,
    y: (value) => margin.top + (base - margin.top) * (1 - Math.min(1, value / top)),
    cosineAt: (px) => Math.max(0, Math.min(1, Math.round((1000 * (px - margin.left)) / inner) / 1000)),
  };
}

/** A narrow null must not press the data flat. */
function topOf(bars: Float64Array, behind: Float64Array | undefined): number {
  return Math.max(1e-9, ...bars, Math.min(Math.max(...(behind ?? [0])), 2 * Math.max(...bars)));
}

/** Near the cut a drag moves it; elsewhere it selects the rows between its ends, and a click selects all. */
function useCutDrag({ address }: Session, { x, cosineAt }: Axes) {
  const dragging = useRef<'cut' | 'range'>(undefined);
  return useDrag<SVGSVGElement>((from, to, end) => {
    if (from === to) dragging.current = Math.abs(from.x - x(address.get().cut)) < 10 ? 'cut' : 'range';
    if (dragging.current === 'cut') address.move({ cut: cosineAt(to.x) });
    else if (Math.abs(to.x - from.x) > 3 || end) {
      const [low, high] = [cosineAt(from.x), cosineAt(to.x)].sort((a, b) => a - b);
      const { terms } = parseFilter(address.get().filter);
      const chosen = Math.abs(to.x - from.x) > 3 ? between('abs', low, high) : [];
      address.move({ filter: filterText(withTerms(terms, 'abs', chosen)) });
    }
  });
}

function SelectedRange({ filter, axes }: { readonly filter: Address['filter']; readonly axes: Axes }) {
  const { x, base } = axes;
  const { low, high } = boundsOf(parseFilter(filter).terms, 'abs');
  if (low <= 0 && high >= 1) return null;
  const [left, right] = [x(Math.max(0, low)), x(Math.min(1, high))];
  return (
    <rect
      className="range"
      x={left}
      width={Math.max(0, right - left)}
      y={margin.top}
      height={base - margin.top}
    />
  );
}

function Ticks({ axes: { width, height, base, top, x, y } }: { readonly axes: Axes }) {
  return (
    <>
      <line className="axis" x1={margin.left} x2={width - margin.right} y1={base} y2={base} />
      {[0, 0.2, 0.4, 0.6, 0.8, 1].map((tick) => (
        <text key={tick} className="tick" x={x(tick)} y={base + 16} textAnchor="middle">
          {tick}
        </text>
      ))}
      <text className="label" x={x(0.5)} y={height - 3} textAnchor="middle">
        best |cosine|
      </text>
      {[0.5, 1].map((part) => (
        <text key={part} className="tick" x={margin.left - 6} y={y(top * part) + 4} textAnchor="end">
          {percent(top * part)}
        </text>
      ))}
      {marks.map((mark) => (
        <line key={mark} className="mark" x1={x(mark)} x2={x(mark)} y1={base} y2={base + 5} />
      ))}
    </>
  );
}

const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  PageDown: -0.1,
  PageUp: 0.1,
};

/** The cut, for the mouse and, as a slider, for keys. */
function Cut({ cut, axes: { width, base, x } }: { readonly cut: number; readonly axes: Axes }) {
  const session = useSession();
  const onKeyDown = (event: KeyboardEvent) => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    moveCut(session, by);
  };
  return (
    <g
      className="cut"
      role="slider"
      tabIndex={0}
      aria-label="Cut: |cosine| from which a partner counts"
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={cut}
      onKeyDown={onKeyDown}
    >
      <rect className="grip" x={x(cut) - 10} width={20} y={0} height={base} />
      <line x1={x(cut)} x2={x(cut)} y1={16} y2={base} />
      <text x={Math.min(width - 20, Math.max(24, x(cut)))} y={12} textAnchor="middle">
        {score(cut)}
      </text>
    </g>
  );
}

interface WithNulls {
  readonly otherNulls?: readonly { readonly kind: string; readonly mean: number }[];
}

/** Nulls that are stricter than random directions; of those only the mean over features is known. */
function nullLines(
  metric: WithNulls | undefined,
): readonly { readonly kind: string; readonly mean: number }[] {
  return (metric?.otherNulls ?? []).filter(({ kind }) => kind === 'covariance-matched');
}

function share(counts: ArrayLike<number>, of: number): Float64Array {
  return Float64Array.from(counts, (n) => (of > 0 ? n / of : 0));
}

/** Share of all at the lower edge of each bin or above. */
function atOrAbove(counts: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(counts);
  for (let i = out.length - 2; i >= 0; i--) out[i] += out[i + 1];
  return share(out, out[0]);
}

/** Bars of the bins between two values; a bin that the cut goes through is on both sides, each with its part. */
function barsPath(values: Float64Array, x: Scale, y: Scale, base: number, from: number, to: number): string {
  const n = values.length;
  let path = '';
  for (let bin = Math.floor(from * n); bin < Math.min(n, Math.ceil(to * n)); bin++) {
    if (values[bin] === 0) continue;
    const [left, right] = [x(Math.max(from, bin / n)), x(Math.min(to, (bin + 1) / n))];
    path += `M${left.toFixed(1)} ${base}V${y(values[bin]).toFixed(1)}H${right.toFixed(1)}V${base}Z`;
  }
  return path;
}

function outline(values: Float64Array, x: Scale, y: Scale, centred: boolean): string {
  const n = values.length;
  const points = Array.from(
    values,
    (value, bin) => `${x((bin + (centred ? 0.5 : 0)) / n).toFixed(1)} ${y(value).toFixed(1)}`,
  );
  return `M${x(0)} ${y(centred ? 0 : 1)}L${points.join('L')}`;
}

// The cut on the histogram of best |cosine|s: drag it, and counts, shares and every other view follow.
import { type KeyboardEvent, useMemo, useRef } from 'react';
import { cosineBins } from '../data/binning.js';
import { between, boundsOf, filterText, parseFilter, withTerms } from '../data/filter.js';
import { bestByChance } from '../data/null-curve.js';
import type { Summary } from '../data/summary.js';
import { useDrag } from '../parts/drag.js';
import { count, percent, score } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import { moveCut } from '../parts/shortcuts.js';
import { useSize } from '../parts/size.js';
import { useAddress } from '../state/history.js';
import { useKnown, useSession } from '../state/session.js';
import { CutCounts } from './cut-counts.js';

const marks = [0.7, 0.8, 0.9] as const;

export function Threshold() {
  const session = useSession();
  const { chart, cut } = useAddress(session.address);
  const { shown, loading, tableProblem } = useKnown();
  return (
    <Panel
      id="threshold"
      title="Where a partner counts"
      note={`Best |cosine| of the selected features, and the cut at ${score(cut)}. Drag the cut; drag elsewhere to select.`}
      figure
      actions={
        <fieldset className="switch">
          <legend className="unseen">Drawn as</legend>
          {(['histogram', 'share'] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={chart === one}
              onClick={() => session.address.go({ chart: one })}
            >
              {one === 'histogram' ? 'Histogram' : 'ECDF'}
            </button>
          ))}
        </fieldset>
      }
    >
      {shown ? (
        <>
          <Chart summary={shown.summary} />
          <fieldset className="marks">
            <legend className="unseen">Common cuts</legend>
            {marks.map((mark) => (
              <button
                key={mark}
                type="button"
                aria-pressed={cut === mark}
                onClick={() => session.address.go({ cut: mark })}
              >
                {mark}
              </button>
            ))}
          </fieldset>
          <CutCounts summary={shown.summary} />
        </>
      ) : (
        <p className="waiting" role="status">
          {tableProblem ??
            (loading === undefined ? 'Opening the features' : `Reading the features: ${percent(loading)}`)}
        </p>
      )}
    </Panel>
  );
}

const margin = { left: 44, right: 12, top: 22, bottom: 34 } as const;

function Chart({ summary }: { readonly summary: Summary }) {
  const session = useSession();
  const { results } = useKnown();
  const { chart, cut, filter } = useAddress(session.address);
  const [box, size] = useSize<HTMLDivElement>();
  const dragging = useRef<'cut' | 'range'>(undefined);
  const group = session.group();
  const sae = results?.saes.find(({ id }) => id === group?.saes[0]);
  const chance = useMemo(() => sae && bestByChance(sae.dModel, sae.dSae, cosineBins), [sae]);
  const { width, height } = { width: Math.max(160, size?.width ?? 480), height: size?.height ?? 240 };
  const [inner, base] = [width - margin.left - margin.right, height - margin.bottom];
  const x = (value: number) => margin.left + inner * value;
  const valueAt = (px: number) =>
    Math.max(0, Math.min(1, Math.round((1000 * (px - margin.left)) / inner) / 1000));
  const bars = chart === 'share' ? atOrAbove(summary.histogram) : share(summary.histogram, summary.rows);
  const behind = chance && (chart === 'share' ? atOrAbove(chance) : chance);
  // A narrow null must not press the data flat.
  const top =
    chart === 'share'
      ? 1
      : Math.max(1e-9, ...bars, Math.min(Math.max(...(behind ?? [0])), 2 * Math.max(...bars)));
  const y = (value: number) => margin.top + (base - margin.top) * (1 - Math.min(1, value / top));
  const drag = useDrag<SVGSVGElement>((from, to, end) => {
    if (from === to)
      dragging.current = Math.abs(from.x - x(session.address.get().cut)) < 10 ? 'cut' : 'range';
    if (dragging.current === 'cut') session.address.move({ cut: valueAt(to.x) });
    else if (Math.abs(to.x - from.x) > 3 || end) {
      const [low, high] = [valueAt(from.x), valueAt(to.x)].sort((a, b) => a - b);
      const { terms } = parseFilter(session.address.get().filter);
      const chosen = Math.abs(to.x - from.x) > 3 ? between('abs', low, high) : [];
      session.address.move({ filter: filterText(withTerms(terms, 'abs', chosen)) });
    }
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowLeft: -0.01,
      ArrowDown: -0.01,
      ArrowRight: 0.01,
      ArrowUp: 0.01,
      PageDown: -0.1,
      PageUp: 0.1,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    moveCut(session, by);
  };
  const range = boundsOf(parseFilter(filter).terms, 'abs');
  const bounded = range.low > 0 || range.high < 1;
  const nulls = nullLines(group?.metrics['decoder.max']);
  // Behind bars that leave room for it; before those that would hide it.
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
          {bounded && (
            <rect
              className="range"
              x={x(Math.max(0, range.low))}
              width={Math.max(0, x(Math.min(1, range.high)) - x(Math.max(0, range.low)))}
              y={margin.top}
              height={base - margin.top}
            />
          )}
          {chart === 'histogram' && chanceArea}
          <path className="bars below" d={barsPath(bars, x, y, base, 0, cut)} />
          <path className="bars above" d={barsPath(bars, x, y, base, cut, 1)} />
          {chart === 'share' && chanceArea}
          {nulls.map(({ kind, mean }) => (
            <line key={kind} className="null-line" x1={x(mean)} x2={x(mean)} y1={margin.top} y2={base} />
          ))}
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

type Scale = (value: number) => number;

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

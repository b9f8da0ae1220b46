// How often features fire against how near their best partner is: a density of all selected rows, to brush.
import { useMemo } from 'react';
import { cosineBins, rateBins } from '../data/binning.js';
import type { TableInfo } from '../data/engine.js';
import { between, boundsOf, filterText, parseFilter, withTerms } from '../data/filter.js';
import { type Point, useDrag } from '../parts/drag.js';
import { count } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import { type Size, useSize } from '../parts/size.js';
import type { Address } from '../state/address.js';
import { useAddress } from '../state/history.js';
import { type Session, useKnown, useSession } from '../state/session.js';

export function Density() {
  const { shown, table } = useKnown();
  const by = table?.across === 'norm' ? 'norm' : 'firing rate';
  const note =
    table?.across === 'norm'
      ? 'No activations were given, so firing rates are not known: length of the decoder row × best |cosine|.'
      : 'Firing rate × best |cosine|. Drag to select; click to select all again.';
  return (
    <Panel id="density" title={`Which features come back, by ${by}`} note={note} figure>
      {shown && table ? (
        <Chart density={shown.summary.density} rowSet={shown.summary.rowSet} table={table} />
      ) : (
        <p className="waiting" />
      )}
    </Panel>
  );
}

const margin = { left: 44, right: 12, top: 10, bottom: 34 } as const;
/** Of features that never fire, beside the others. */
const zero = { width: 18, gap: 18 } as const;

interface ChartProps {
  readonly density: Uint32Array;
  /** Says when `density` is another one. */
  readonly rowSet: number;
  readonly table: TableInfo;
}

function Chart({ density, rowSet, table }: ChartProps) {
  const { address } = useSession();
  const { cut, filter } = useAddress(address);
  const [box, size] = useSize<HTMLDivElement>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same density comes in another array with each step of the cut
  const picture = useMemo(() => draw(density), [rowSet]);
  const axes = axesOf(size, table);
  const { width, height, left, inner, base, y } = axes;
  const drag = useBrush(address, table, axes);
  const plot = { y: margin.top, height: base - margin.top };
  const [never, firing] = [
    { x: margin.left, width: zero.width, ...plot },
    { x: left, width: inner, ...plot },
  ];
  return (
    <div className="chart" ref={box}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        {...drag}
        role="img"
        aria-label={told(density)}
      >
        <rect className="plot" {...never} />
        <rect className="plot" {...firing} />
        <image {...picture.never} {...never} preserveAspectRatio="none" />
        <image {...picture.firing} {...firing} preserveAspectRatio="none" />
        <line className="cut-line" x1={margin.left} x2={width - margin.right} y1={y(cut)} y2={y(cut)} />
        <Brush filter={filter} table={table} axes={axes} />
        <Ticks table={table} axes={axes} />
      </svg>
    </div>
  );
}

type Scale = (value: number) => number;

/** Where values stand on the chart, in its pixels: the rate, or the norm, by its logarithm across, |cosine| upwards. */
interface Axes extends Size {
  /** Where the logarithmic axis begins, right of what never fires. */
  readonly left: number;
  readonly inner: number;
  /** The height at which the axis lies. */
  readonly base: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly valueAt: (point: Point) => { readonly across: number; readonly cosine: number };
}

function axesOf(size: Size | undefined, { low, high }: TableInfo): Axes {
  const { width, height } = { width: Math.max(160, size?.width ?? 480), height: size?.height ?? 240 };
  const left = margin.left + zero.width + zero.gap;
  const [inner, base] = [width - left - margin.right, height - margin.bottom];
  return {
    width,
    height,
    left,
    inner,
    base,
    x: (value) =>
      value > 0 ? left + (inner * Math.max(0, Math.log10(value) - low)) / (high - low) : margin.left,
    y: (value) => margin.top + (base - margin.top) * (1 - value),
    valueAt: ({ x, y }) => ({
      across:
        x < left - zero.gap / 2
          ? 0
          : 10 ** (low + Math.max(0, Math.min(1, (x - left) / inner)) * (high - low)),
      cosine: Math.max(0, Math.min(1, 1 - (y - margin.top) / (base - margin.top))),
    }),
  };
}

/** A drag selects the rows in its rectangle; a click selects all again. */
function useBrush(address: Session['address'], { across }: TableInfo, { valueAt }: Axes) {
  return useDrag<SVGSVGElement>((from, to, end) => {
    const moved = Math.hypot(to.x - from.x, to.y - from.y) > 4;
    if (!moved && !end) return;
    const [a, b] = [valueAt(from), valueAt(to)];
    const ends = (one: number, two: number) => [Math.min(one, two), Math.max(one, two)] as const;
    const [least, most] = ends(a.across, b.across).map((value) => Number(value.toPrecision(3)));
    const [lowest, highest] = ends(a.cosine, b.cosine).map((value) => Math.round(1000 * value) / 1000);
    const { terms } = parseFilter(address.get().filter);
    const without = withTerms(withTerms(terms, across, []), 'abs', []);
    const chosen = moved ? [...between(across, least, most), ...between('abs', lowest, highest)] : [];
    address.move({ filter: filterText([...without, ...chosen]) });
  });
}

interface PartProps {
  readonly table: TableInfo;
  readonly axes: Axes;
}

/** The rectangle of the rows that the filter selects. */
function Brush({ filter, table: { across, high }, axes: { x, y } }: PartProps & Pick<Address, 'filter'>) {
  const { terms } = parseFilter(filter);
  const [rates, cosines] = [boundsOf(terms, across), boundsOf(terms, 'abs')];
  const brushed = [rates, cosines].some((one) => Number.isFinite(one.low) || Number.isFinite(one.high));
  if (!brushed) return null;
  const [from, to] = [Math.max(0, rates.low), Math.min(10 ** high, rates.high)];
  const right = to > 0 ? x(to) : margin.left + zero.width;
  const [upper, lower] = [y(Math.min(1, cosines.high)), y(Math.max(0, cosines.low))];
  return (
    <rect
      className="brush"
      x={x(from)}
      width={Math.max(2, right - x(from))}
      y={upper}
      height={Math.max(2, lower - upper)}
    />
  );
}

function Ticks({ table: { across, low, high }, axes: { height, left, inner, base, x, y } }: PartProps) {
  const decades = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const every = Math.ceil(decades.length / Math.max(2, Math.floor(inner / 56)));
  return (
    <>
      {[0, 0.25, 0.5, 0.75, 1].map((tick) => (
        <text key={tick} className="tick" x={margin.left - 6} y={y(tick) + 4} textAnchor="end">
          {tick}
        </text>
      ))}
      {decades
        .filter((_, i) => i % every === 0)
        .map((decade) => (
          <text key={decade} className="tick" x={x(10 ** decade)} y={base + 16} textAnchor="middle">
            {decade >= -3 ? Number((10 ** decade).toPrecision(1)) : `1e${decade}`}
          </text>
        ))}
      <text className="tick" x={margin.left + zero.width / 2} y={base + 16} textAnchor="middle">
        0
      </text>
      <text className="label" x={left + inner / 2} y={height - 3} textAnchor="middle">
        {across === 'norm' ? 'norm' : 'firing rate'}
      </text>
      <text
        className="label"
        transform={`translate(11,${(margin.top + base) / 2}) rotate(-90)`}
        textAnchor="middle"
      >
        best |cosine|
      </text>
    </>
  );
}

function told(density: Uint32Array): string {
  let [all, most, at] = [0, 0, 0];
  for (const [cell, n] of density.entries()) {
    all += n;
    if (n > most) [most, at] = [n, cell];
  }
  const cosine = ((at % cosineBins) + 0.5) / cosineBins;
  return `Density of ${count(all)} rows; most lie at a best cosine of about ${cosine.toFixed(2)}.`;
}

interface Picture {
  readonly href: string;
}

/** Cells as pixels: the colour of the theme, stronger by the logarithm of the count. Rows at 0 are a picture of their own. */
function draw(density: Uint32Array): { readonly never: Picture; readonly firing: Picture } {
  const most = Math.log1p(
    Math.max(
      1,
      density.reduce((a, b) => Math.max(a, b), 0),
    ),
  );
  const style = getComputedStyle(document.documentElement).getPropertyValue('--heat-rgb');
  const [r, g, b] = style.split(',').map(Number);
  const part = (from: number, to: number): Picture => {
    const canvas = document.createElement('canvas');
    canvas.width = to - from;
    canvas.height = cosineBins;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const pixels = context.createImageData(canvas.width, canvas.height);
    for (let x = from; x < to; x++) {
      for (let y = 0; y < cosineBins; y++) {
        const n = density[x * cosineBins + y];
        if (n === 0) continue;
        const alpha = 40 + 215 * (Math.log1p(n) / most);
        pixels.data.set([r, g, b, alpha], 4 * ((cosineBins - 1 - y) * canvas.width + x - from));
      }
    }
    context.putImageData(pixels, 0, 0);
    return { href: canvas.toDataURL() };
  };
  return { never: part(0, 1), firing: part(1, rateBins) };
}

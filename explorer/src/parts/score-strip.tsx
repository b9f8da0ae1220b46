// A score on the line from 0 to 1, with its interval and its null; where it was before something was taken out stays as a ring.
import type { Headline } from '../state/switched-off.js';

interface StripProps {
  readonly asIs: Headline;
  /** Absent where it is not known. */
  readonly now?: Headline | undefined;
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
}

const width = 400;
const height = 30;
const middle = height / 2;

export function ScoreStrip({ asIs, now, interval }: StripProps) {
  const x = (value: number) => width * Math.max(0, Math.min(1, value));
  const told = now
    ? `Score ${now.score.toFixed(3)}, null ${now.null.toFixed(3)}`
    : `Score ${asIs.score.toFixed(3)} before; not known now`;
  const moved = now !== asIs;
  return (
    <svg className="strip" viewBox={`-8 0 ${width + 16} ${height}`} role="img" aria-label={told}>
      <line className="strip-base" x1={0} x2={width} y1={middle} y2={middle} />
      {now && (
        <>
          <line className="strip-gap" x1={x(now.null)} x2={x(now.score)} y1={middle} y2={middle} />
          <line className="strip-null" x1={x(now.null)} x2={x(now.null)} y1={4} y2={height - 4} />
        </>
      )}
      {moved && <circle className="strip-before" cx={x(asIs.score)} cy={middle} r={5} />}
      {interval && (
        <path
          className="strip-interval"
          d={`M${x(interval.low)} ${middle}H${x(interval.high)}M${x(interval.low)} ${middle - 5}v10M${x(interval.high)} ${middle - 5}v10`}
        />
      )}
      {now && <circle className="strip-score" cx={x(now.score)} cy={middle} r={5.5} />}
    </svg>
  );
}

export function StripAxis() {
  return (
    <div className="strip-axis" aria-hidden="true">
      <span />
      <ol>
        {['0', '0.25', '0.5', '0.75', '1'].map((tick) => (
          <li key={tick}>{tick}</li>
        ))}
      </ol>
      <span className="key">
        <i className="dot" /> score <i className="bar" /> its null
      </span>
    </div>
  );
}

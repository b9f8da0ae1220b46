// A score on the line from 0 to 1, with its interval and its null; where it was before something was taken out stays as a ring.
import type { Headline } from '../state/switched-off.js';

interface StripProps {
  readonly asIs: Headline;
  /** Absent where it is not known. */
  readonly now?: Headline | undefined;
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
}

const middle = 15;

export function ScoreStrip({ asIs, now, interval }: StripProps) {
  const x = (value: number) => `${100 * Math.max(0, Math.min(1, value))}%`;
  const told = now
    ? `Score ${now.score.toFixed(3)}, null ${now.null.toFixed(3)}`
    : `Score ${asIs.score.toFixed(3)} before; not known now`;
  return (
    <svg className="strip" role="img" aria-label={told}>
      <line className="strip-base" x1="0" x2="100%" y1={middle} y2={middle} />
      {now && (
        <>
          <line className="strip-gap" x1={x(now.null)} x2={x(now.score)} y1={middle} y2={middle} />
          <line className="strip-null" x1={x(now.null)} x2={x(now.null)} y1={4} y2={2 * middle - 4} />
        </>
      )}
      {now !== asIs && <circle className="strip-before" cx={x(asIs.score)} cy={middle} r={5} />}
      {interval && (
        <g className="strip-interval">
          <line x1={x(interval.low)} x2={x(interval.high)} y1={middle} y2={middle} />
          {[interval.low, interval.high].map((end) => (
            <line key={end} x1={x(end)} x2={x(end)} y1={middle - 5} y2={middle + 5} />
          ))}
        </g>
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

// A run while it runs: its stages and the time that is left, the losses of every seed over each other, features that died.
import { useEffect, useReducer } from 'react';
import { count, percent, plain } from '../parts/format.js';
import { noProgress, type RunProgress, type SeedProgress, withEvent } from '../state/run-progress.js';
import { useKnown, useSession } from '../state/session.js';

export function Run() {
  const session = useSession();
  const { results } = useKnown();
  const [run, tell] = useReducer(withEvent, noProgress);
  useEffect(
    () =>
      session.source.listen((event) => {
        tell(event);
        if (event.type === 'end') void session.openAgain();
      }),
    [session],
  );
  if (results && run.ended) return null;
  return (
    <section className="run" aria-labelledby="run">
      <h2 id="run">{run.problem === undefined ? 'Running' : 'Stopped'}</h2>
      {run.problem !== undefined && (
        <p role="alert" className="problem">
          {run.problem}
        </p>
      )}
      <Stages run={run} />
      <div className="loss-charts">
        {[...run.groups].map(([group, seeds]) => (
          <Losses key={group} group={group} seeds={seeds} />
        ))}
      </div>
      {run.notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
    </section>
  );
}

function Stages({ run }: { readonly run: RunProgress }) {
  return (
    <ol className="stages">
      {run.stages.map(({ stage, detail, share, secondsLeft, item }) => (
        <li key={stage}>
          <span className="stage-name">{stage}</span>
          <progress value={share} max={1} aria-label={stage} />
          <span className="stage-told">
            {share === 1
              ? detail
              : [share === undefined ? undefined : percent(share), timeLeft(secondsLeft), item ?? detail]
                  .filter(Boolean)
                  .join(' · ')}
          </span>
        </li>
      ))}
    </ol>
  );
}

function timeLeft(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return seconds < 90 ? `${Math.round(seconds)} s left` : `${Math.round(seconds / 60)} min left`;
}

const [width, height] = [320, 150];
const margin = { left: 56, right: 8, top: 10, bottom: 24 } as const;

interface LossesProps {
  readonly group: string;
  readonly seeds: readonly SeedProgress[];
}

function Losses({ group, seeds }: LossesProps) {
  const points = seeds
    .flatMap(({ losses }) => losses)
    .filter(([, loss]) => loss > 0 && Number.isFinite(loss));
  const last = Math.max(2, ...points.map(([epoch]) => epoch));
  const all = points.map(([, loss]) => Math.log10(loss));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (epoch: number) =>
    margin.left + ((width - margin.left - margin.right) * (epoch - 1)) / (last - 1);
  const y = (loss: number) =>
    margin.top +
    ((height - margin.top - margin.bottom) * (high - Math.log10(loss))) / Math.max(0.01, high - low);
  return (
    <figure className="losses">
      <figcaption>
        {group} <small>loss, by seed</small>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Losses of ${seeds.length} seeds, ${group}`}
      >
        <line
          className="axis"
          x1={margin.left}
          x2={width - margin.right}
          y1={height - margin.bottom}
          y2={height - margin.bottom}
        />
        {points.length > 0 &&
          [10 ** high, 10 ** low].map((loss) => (
            <text key={loss} className="tick" x={margin.left - 6} y={y(loss) + 4} textAnchor="end">
              {plain(loss)}
            </text>
          ))}
        <text className="label" x={width / 2} y={height - 6} textAnchor="middle">
          epochs 1 to {last}
        </text>
        {seeds.map(({ id, losses }, i) => (
          <polyline
            key={id}
            className={`seed seed-${i % 6}`}
            points={losses.map(([epoch, loss]) => `${x(epoch)},${y(loss)}`).join(' ')}
          >
            <title>{id}</title>
          </polyline>
        ))}
      </svg>
      <SeedList group={group} seeds={seeds} />
    </figure>
  );
}

/** Which colour is which seed, its loss, and how many of its features died. */
function SeedList({ group, seeds }: LossesProps) {
  return (
    <ul className="seed-list">
      {seeds.map(({ id, losses, dead, features }, i) => (
        <li key={id}>
          <i className={`swatch seed-${i % 6}`} />{' '}
          {id.startsWith(`${group}.`) ? id.slice(group.length + 1) : id}{' '}
          <small>
            {plain(losses.at(-1)?.[1] ?? 0)}
            {dead !== undefined && `, ${count(dead)} of ${count(features)} dead`}
          </small>
        </li>
      ))}
    </ul>
  );
}

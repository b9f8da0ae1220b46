// What two decoders score, beside what chance gives, and how many features have a partner.
import type { ComparisonDone } from '../data/comparison.js';
import { countAt } from '../data/comparison-table.js';
import { count, percent, score } from '../parts/format.js';
import { ScoreStrip, StripAxis } from '../parts/score-strip.js';
import { useKnown } from '../state/session.js';

const cuts = [0.7, 0.9] as const;

export function ComparedScores({ done }: { readonly done: ComparisonDone }) {
  const { a, b, dModel, metrics, readAs, by, seconds } = done;
  return (
    <section className="verdict compared" aria-labelledby="compared">
      <div className="answer">
        <h2 id="compared">
          {a.id} and {b.id}
        </h2>
        <ul className="compared-sides">
          {[a, b].map((side, i) => (
            <li key={side.id}>
              <p>
                <strong>{side.id}</strong>: {count(side.width)} features in {count(dModel)} dimensions, read
                as {readAs[i].format}
                {side.features.length < side.width &&
                  `; ${count(side.width - side.features.length)} without a direction are left out`}
              </p>
              {cuts.map((cut) => {
                const { near, mutual } = countAt(side, cut);
                return (
                  <p key={cut} className="note">
                    {count(near)} of {count(side.features.length)} ({percent(near / side.features.length)})
                    have a partner with |cosine| ≥ {cut}, {count(mutual)} of them as each other’s best
                  </p>
                );
              })}
              {readAs[i].assumptions.length > 0 && (
                <details>
                  <summary>What its tensors were taken to be</summary>
                  <ul className="note">
                    {readAs[i].assumptions.map((one) => (
                      <li key={one}>{one}</li>
                    ))}
                  </ul>
                </details>
              )}
            </li>
          ))}
        </ul>
        <p className="note">
          By decoders alone: whether features fire, and what artefacts there are, takes activations and{' '}
          <code>reseed compare</code>. Computed by {by}, in {seconds.toFixed(1)} s.
        </p>
      </div>
      <div className="scores">
        <h3>Score beside chance</h3>
        {metrics.map((metric) => (
          <ScoreRow key={metric.id} metric={metric} />
        ))}
        <StripAxis />
      </div>
    </section>
  );
}

function ScoreRow({ metric }: { readonly metric: ComparisonDone['metrics'][number] }) {
  const { folder } = useKnown();
  const { id, mean, pairs, null: chance, corrected } = metric;
  const [{ aToB, bToA }] = pairs;
  const { name, definition } = folder?.words.metrics[id] ?? { name: id, definition: '' };
  const shown = { metric: id, score: mean, null: chance?.mean ?? 0, corrected: corrected ?? 0 };
  return (
    <div className="score-row" data-metric={id}>
      <p className="score-name" title={definition}>
        {name} <code>{id}</code>
      </p>
      <ScoreStrip asIs={shown} now={shown} />
      <p className="score-value">
        <strong data-value={mean} data-null={chance?.mean} data-corrected={corrected}>
          {score(mean)}
        </strong>{' '}
        against {score(shown.null)}
        {corrected !== undefined && <small>{percent(corrected)} of the way</small>}
        {score(aToB) !== score(bToA) && (
          <small>
            {score(aToB)} one way, {score(bToA)} the other
          </small>
        )}
        {chance && <small>null: {folder?.words.nulls[chance.kind]?.short ?? chance.kind}</small>}
      </p>
    </div>
  );
}

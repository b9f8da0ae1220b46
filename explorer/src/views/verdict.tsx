// The verdict: the answer, the scores beside their nulls with artefacts to switch off, and the findings that lead to evidence.
import type { GroupInFile } from '../../../src/results/results-file.js';
import { percent, plural, score } from '../parts/format.js';
import { ScoreStrip, StripAxis } from '../parts/score-strip.js';
import { useAddress } from '../state/history.js';
import { groupName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';
import { type Switched, switchedScores } from '../state/switched-off.js';
import { Findings } from './findings.js';

const answers: Readonly<Record<string, { readonly text: string; readonly tone: string }>> = {
  reproducible: { text: 'Features come back', tone: 'good' },
  partly: { text: 'Features come back in part', tone: 'partly' },
  'not-beyond-chance': { text: 'No more than chance gives', tone: 'bad' },
  'cannot-tell': { text: 'These data cannot tell', tone: 'open' },
};

export function Verdict() {
  const session = useSession();
  const { results } = useKnown();
  const { off } = useAddress(session.address);
  const group = session.group();
  if (!group || !results) return null;
  const answer = answers[group.conclusion.verdict];
  const scores = switchedScores(group, off);
  return (
    <section className="verdict" aria-labelledby="verdict">
      <div className="answer">
        <p className="question">
          Do the features come back? {results.groups.length > 1 && `At ${groupName(group)}:`}
        </p>
        <h2 id="verdict" className={answer.tone}>
          {answer.text}
        </h2>
        <p className="told">{group.verdict}</p>
        <Findings group={group} />
      </div>
      <div className="scores">
        <h3>Score beside its null</h3>
        {scores.map((one) => (
          <ScoreRow key={one.metric} group={group} switched={one} />
        ))}
        <StripAxis />
        <Switches group={group} scores={scores} />
      </div>
    </section>
  );
}

function ScoreRow({ group, switched }: { readonly group: GroupInFile; readonly switched: Switched }) {
  const { folder } = useKnown();
  const { metric, asIs, now, off } = switched;
  const measured = group.metrics[metric];
  const decides = group.conclusion.deciding?.metric === metric;
  // What decides may be measured without some SAE or rows: then the interval of all is not its own.
  const interval = off.length === 0 && measured?.mean === asIs.score ? measured.interval : undefined;
  const kind = decides ? group.conclusion.deciding?.nullKind : measured?.null?.kind;
  const { name, definition } = folder?.words.metrics[metric] ?? { name: metric, definition: '' };
  return (
    <div className="score-row" data-metric={metric}>
      <p className="score-name" title={definition}>
        {name} <code>{metric}</code> {decides && <span className="badge plain">decides</span>}
      </p>
      <ScoreStrip asIs={asIs} now={now} interval={interval} />
      <p className="score-value" aria-live="polite">
        {now ? (
          <>
            <strong>{score(now.score)}</strong> against {score(now.null)}
            <small>
              {percent(now.corrected)} of the way
              {interval && `, 95% ${score(interval.low)}–${score(interval.high)}`}
              {off.length > 0 && `, ${score(asIs.score)} with it`}
            </small>
          </>
        ) : (
          <small>these {off.length} together were not measured</small>
        )}
        {off.length === 0 && kind !== undefined && (
          <small>null: {folder?.words.nulls[kind]?.short ?? kind}</small>
        )}
      </p>
    </div>
  );
}

function Switches({ group, scores }: { readonly group: GroupInFile; readonly scores: readonly Switched[] }) {
  const { address } = useSession();
  const { off } = useAddress(address);
  const ids = [...new Set(scores.flatMap(({ causes }) => causes.map(({ finding }) => finding)))];
  if (ids.length === 0) return <p className="note">No artefact was found that moves a score.</p>;
  return (
    <fieldset className="switches">
      <legend>Take out {plural(ids.length, 'artefact')}, and see what the score would be</legend>
      {ids.map((id) => {
        const { title, summary } = group.findings.find((one) => one.id === id) ?? { title: id, summary: '' };
        const isOff = off.includes(id);
        return (
          <label key={id} title={summary}>
            <input
              type="checkbox"
              checked={isOff}
              onChange={() => address.go({ off: isOff ? off.filter((one) => one !== id) : [...off, id] })}
            />
            <span>
              Without: {title.charAt(0).toLowerCase() + title.slice(1)} <code>{id}</code>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}

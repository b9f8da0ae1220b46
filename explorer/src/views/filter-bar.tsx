// Where filters are typed, and where one goes to a feature by its index.
import { type FormEvent, useEffect, useState } from 'react';
import { namedIn, parseFilter } from '../data/filter.js';
import { randomFeature } from '../parts/shortcuts.js';
import { useAddress } from '../state/history.js';
import { useKnown, useSession } from '../state/session.js';

const ideas = ['partner:none', 'partner:mutual rate>1e-3', 'cosine<0', 'margin<0.01', 'rate=0'];

export function FilterBar() {
  const session = useSession();
  const { address } = session;
  const { filter } = useAddress(address);
  const [text, setText] = useState(filter);
  useEffect(() => setText((typed) => (typed.trim() === filter ? typed : filter)), [filter]);
  const { table } = useKnown();
  const last = table?.columns.includes('support') ? 'support>=3' : 'q>0.05';
  const { problem } = parseFilter(text);
  const type = (typed: string) => {
    setText(typed);
    if (parseFilter(typed).problem === undefined) address.move({ filter: typed.trim() });
  };
  return (
    <div className="filter-bar">
      <div className="filter-line">
        <label className="filter">
          <span className="unseen">Filter: conditions with spaces between them</span>
          <input
            id="filter"
            type="text"
            spellCheck={false}
            autoComplete="off"
            placeholder="cosine<0.5 rate>1e-3 partner:none"
            value={text}
            aria-invalid={problem !== undefined}
            aria-describedby="filter-problem"
            onChange={({ target }) => type(target.value)}
          />
          {text !== '' && (
            <button type="button" className="icon" aria-label="Clear the filter" onClick={() => type('')}>
              ×
            </button>
          )}
        </label>
        <Jump />
        <button type="button" className="quiet" onClick={() => void randomFeature(session)}>
          Random
        </button>
      </div>
      <p id="filter-problem" className="filter-problem" role="status">
        {problem}
      </p>
      <ul className="ideas" aria-label="Filters to start from">
        {[...ideas, last].map((idea) => (
          <li key={idea}>
            <button type="button" onClick={() => address.go({ filter: idea })}>
              {idea}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A feature by its index: of the SAE that is named before it, of the one that is filtered by, or of the first. */
function Jump() {
  const session = useSession();
  const { shown } = useKnown();
  const [missing, setMissing] = useState(false);
  const go = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get('feature')).trim();
    const [, sae, index] = /^(?:(.+)[\s:#])?(\d{1,9})$/.exec(typed) ?? [];
    const { feature, filter } = session.address.get();
    const group = session.group();
    const of = sae ?? namedIn(parseFilter(filter).terms, 'sae') ?? feature?.sae ?? group?.saes[0];
    const found =
      index !== undefined &&
      of !== undefined &&
      group &&
      (await session.engine.feature(group.id, { sae: of, feature: Number(index) }));
    setMissing(!found);
    if (found) session.address.go({ feature: { sae: found.sae, feature: found.feature } });
  };
  return (
    <form className="jump" onSubmit={go}>
      <label>
        <span className="unseen">Go to a feature by its index, as 17 or seed42:17</span>
        <input
          id="jump"
          name="feature"
          placeholder="index"
          size={8}
          autoComplete="off"
          aria-invalid={missing}
          disabled={!shown}
          onChange={() => setMissing(false)}
        />
      </label>
    </form>
  );
}

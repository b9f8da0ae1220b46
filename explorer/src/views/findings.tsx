// Findings as badges; each opens what it rests on, and where that can be seen in the table.
import type { GroupInFile } from '../../../src/results/results-file.js';
import { plain } from '../parts/format.js';
import { useAddress } from '../state/history.js';
import { useSession } from '../state/session.js';
import { evidenceFilters } from './finding-evidence.js';

type Finding = GroupInFile['findings'][number];

const gravity = { fail: 0, warn: 1, info: 2 } as const;

export function Findings({ group }: { readonly group: GroupInFile }) {
  const { address } = useSession();
  const { finding: open } = useAddress(address);
  const found = group.findings
    .filter(({ verdict }) => verdict === 'supported')
    .sort((a, b) => gravity[a.severity] - gravity[b.severity]);
  const many = (verdict: Finding['verdict']) =>
    group.findings.filter((one) => one.verdict === verdict).length;
  const shown = group.findings.find(({ id }) => id === open);
  return (
    <div className="findings">
      <p className="findings-head">
        {found.length > 0 ? 'Found' : 'No artefact was found'}{' '}
        <small>
          {many('refuted')} looked for and not there
          {many('inconclusive') > 0 && `, ${many('inconclusive')} could not be checked`}
        </small>
      </p>
      <ul>
        {found.map(({ id, title, severity }) => (
          <li key={id}>
            <button
              type="button"
              className={`badge ${severity}`}
              aria-expanded={id === open}
              aria-controls="evidence"
              onClick={() => address.go({ finding: id === open ? undefined : id })}
            >
              <span aria-hidden="true">{{ fail: '●', warn: '◐', info: '○' }[severity]}</span> {title}
            </button>
          </li>
        ))}
      </ul>
      <div id="evidence">{shown && <Evidence finding={shown} />}</div>
    </div>
  );
}

function Evidence({ finding }: { readonly finding: Finding }) {
  const { address } = useSession();
  const { id, title, summary, advice, evidence, severity } = finding;
  const filter = evidenceFilters[id];
  return (
    <article className={`evidence ${severity}`} aria-label={title}>
      <p>
        <code>{id}</code>
      </p>
      <p>{summary}</p>
      <dl>
        {Object.entries(evidence).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{plain(value)}</dd>
          </div>
        ))}
      </dl>
      <p className="advice">{advice}</p>
      {filter !== undefined && (
        <button type="button" className="quiet" onClick={() => address.go({ filter })}>
          Show these features: <code>{filter}</code>
        </button>
      )}
    </article>
  );
}

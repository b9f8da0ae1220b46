// What stands above everything: of what this is, its groups, and what is done with the page as a whole.
import { useState } from 'react';
import { useAddress } from '../state/history.js';
import { groupName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';
import { plural } from './format.js';

export function Head() {
  const session = useSession();
  const { folder, results, collections } = useKnown();
  const address = useAddress(session.address);
  const group = session.group();
  if (!folder) return null;
  if (folder.empty) {
    return (
      <header className="head">
        <div className="names">
          <p className="mark">reseed explorer</p>
          <h1>Two SAEs</h1>
        </div>
      </header>
    );
  }
  const report = session.source.report(folder);
  const starred = collections.collections.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <header className="head">
      <div className="head-line">
        <div className="names">
          <p className="mark">reseed explorer</p>
          <h1>{results?.study?.name ?? folder.name}</h1>
        </div>
        <nav className="actions" aria-label="Page">
          <CopyButton label="Copy link" text={() => location.href} />
          <CopyButton label="Copy command" text={() => folder.command} />
          {report !== undefined && (
            <a className="quiet" href={report}>
              Report
            </a>
          )}
          {session.source.compares && (
            <button
              type="button"
              className="quiet"
              aria-pressed={address.open === 'compare'}
              onClick={() => session.address.go({ open: address.open === 'compare' ? undefined : 'compare' })}
            >
              Compare two files
            </button>
          )}
          <button
            type="button"
            className="quiet"
            aria-pressed={address.open === 'collections'}
            onClick={() =>
              session.address.go({ open: address.open === 'collections' ? undefined : 'collections' })
            }
          >
            Collections{starred > 0 && ` (${starred})`}
          </button>
          <button
            type="button"
            className="icon"
            aria-label="Keys"
            title="Keys (?)"
            onClick={() => session.address.go({ open: 'keys' })}
          >
            ?
          </button>
        </nav>
      </div>
      {results && results.groups.length > 1 && (
        <nav className="groups" aria-label="Groups of SAEs">
          {results.groups.map((one) => (
            <button
              key={one.id}
              type="button"
              aria-current={one.id === group?.id ? 'true' : undefined}
              onClick={() =>
                session.address.go({
                  group: one.id,
                  feature: undefined,
                  baseline: undefined,
                  finding: undefined,
                  off: [],
                })
              }
            >
              {groupName(one)}
              <small>{plural(one.saes.length, 'SAE')}</small>
            </button>
          ))}
        </nav>
      )}
    </header>
  );
}

function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      className="quiet"
      onClick={async () => {
        await navigator.clipboard.writeText(text());
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      }}
    >
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </button>
  );
}

// What stands above everything: of what this is, its groups, and what is done with the page as a whole.
import { useState } from 'react';
import type { ResultsFile } from '../../../src/results/results-file.js';
import type { FolderState } from '../../../src/server/protocol.js';
import { useAddress } from '../state/history.js';
import { groupName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';
import { plural } from './format.js';

export function Head() {
  const { folder, results } = useKnown();
  if (!folder) return null;
  if (folder.empty) {
    return (
      <header className="head">
        <Names title="Two SAEs" />
      </header>
    );
  }
  return (
    <header className="head">
      <div className="head-line">
        <Names title={results?.study?.name ?? folder.name} />
        <Actions folder={folder} />
      </div>
      {results && results.groups.length > 1 && <Groups groups={results.groups} />}
    </header>
  );
}

function Names({ title }: { readonly title: string }) {
  return (
    <div className="names">
      <p className="mark">reseed explorer</p>
      <h1>{title}</h1>
    </div>
  );
}

/** What is done with the page as a whole. */
function Actions({ folder }: { readonly folder: FolderState }) {
  const session = useSession();
  const { collections } = useKnown();
  const address = useAddress(session.address);
  const report = session.source.report(folder);
  const starred = collections.collections.reduce((sum, { entries }) => sum + entries.length, 0);
  const toggle = (open: 'compare' | 'collections') =>
    session.address.go({ open: address.open === open ? undefined : open });
  return (
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
          onClick={() => toggle('compare')}
        >
          Compare two files
        </button>
      )}
      <button
        type="button"
        className="quiet"
        aria-pressed={address.open === 'collections'}
        onClick={() => toggle('collections')}
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
  );
}

/** The groups of SAEs. Another group has other features, so what was chosen among those of the last is left behind. */
function Groups({ groups }: { readonly groups: ResultsFile['groups'] }) {
  const session = useSession();
  const group = session.group();
  const go = (id: string) =>
    session.address.go({ group: id, feature: undefined, baseline: undefined, finding: undefined, off: [] });
  return (
    <nav className="groups" aria-label="Groups of SAEs">
      {groups.map((one) => (
        <button
          key={one.id}
          type="button"
          aria-current={one.id === group?.id ? 'true' : undefined}
          onClick={() => go(one.id)}
        >
          {groupName(one)}
          <small>{plural(one.saes.length, 'SAE')}</small>
        </button>
      ))}
    </nav>
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

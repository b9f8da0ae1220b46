// What was starred, with notes: saved in the folder, exported, and taken in again.
import type { ChangeEvent } from 'react';
import type { Collections as All, Starred } from '../../../src/server/protocol.js';
import { joined, toggleStar, withNote } from '../state/collection.js';
import { useAddress } from '../state/history.js';
import { shortName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';

export function Collections() {
  const session = useSession();
  const { open } = useAddress(session.address);
  const { collections, saveProblem, folder } = useKnown();
  if (open !== 'collections') return null;
  const entries = collections.collections.flatMap((one) => one.entries);
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(
      new Blob([`${JSON.stringify(collections, null, 2)}\n`], { type: 'application/json' }),
    );
    link.download = 'collections.json';
    link.click();
  };
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    if (!file) return;
    const more = JSON.parse(await file.text()) as All;
    await session.save(joined(collections, more));
  };
  return (
    <section className="panel panel-collections" aria-labelledby="collections">
      <header className="panel-head">
        <div>
          <h2 id="collections">Starred</h2>
          <p className="note">
            {folder?.writable
              ? 'Saved as collections.json in the folder'
              : 'This page keeps nothing: export it to keep it'}
          </p>
        </div>
        <div className="actions">
          <button type="button" className="quiet" onClick={save} disabled={entries.length === 0}>
            Export
          </button>
          <label className="quiet file">
            Open a file
            <input type="file" accept="application/json" onChange={(event) => void take(event)} />
          </label>
          <button
            type="button"
            className="icon"
            aria-label="Close the collections"
            onClick={() => session.address.go({ open: undefined })}
          >
            ×
          </button>
        </div>
      </header>
      {saveProblem !== undefined && (
        <p role="alert" className="problem">
          It could not be saved: {saveProblem}
        </p>
      )}
      {entries.length === 0 ? (
        <p className="empty">
          Nothing is starred yet. The star of a feature or a pair, or the key <kbd>x</kbd>, puts it here.
        </p>
      ) : (
        <ul className="starred">
          {entries.map((entry) => (
            <Entry
              key={`${entry.sae} ${entry.feature} ${entry.partner?.sae} ${entry.partner?.feature}`}
              entry={entry}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Entry({ entry }: { readonly entry: Starred }) {
  const session = useSession();
  const { collections, results } = useKnown();
  const { sae, feature, partner, note } = entry;
  const group = results?.groups.find(({ saes }) => saes.includes(sae));
  const title = [{ sae, feature }, ...(partner ? [partner] : [])]
    .map((one) => `${shortName(one.sae, group)} · ${one.feature}`)
    .join(' with ');
  const open = () => session.address.go({ feature: { sae, feature }, ...(group ? { group: group.id } : {}) });
  return (
    <li>
      <button type="button" className="index" onClick={open}>
        {title}
      </button>
      {group && <small>{group.id}</small>}
      <button
        type="button"
        className="icon star"
        aria-label={`Take the star of ${title} away`}
        aria-pressed="true"
        onClick={() => void toggleStar(session, entry, entry)}
      >
        ★
      </button>
      <textarea
        aria-label={`Note on ${title}`}
        placeholder="Note"
        rows={1}
        defaultValue={note}
        onBlur={({ target }) => {
          if (target.value !== note) void session.save(withNote(collections, entry, target.value));
        }}
      />
    </li>
  );
}

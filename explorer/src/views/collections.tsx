// What was starred, with notes, collection beside collection: saved in the folder, exported, and taken in again.
import type { ChangeEvent, FormEvent } from 'react';
import type { Collections as All, Collection, Starred } from '../../../src/server/protocol.js';
import { saveBlob } from '../parts/save-blob.js';
import {
  collectionFor,
  joined,
  moved,
  renamed,
  toggleStar,
  withCollection,
  withNote,
  withoutCollection,
} from '../state/collection.js';
import { useAddress } from '../state/history.js';
import { shortName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';

export function Collections() {
  const session = useSession();
  const { open } = useAddress(session.address);
  const { collections, collectionsRead, saveProblem, folder } = useKnown();
  if (open !== 'collections' || !collectionsRead) return null;
  const isEmpty = collections.collections.every(({ entries }) => entries.length === 0);
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
          <button
            type="button"
            className="quiet"
            onClick={() => exportCollections(collections)}
            disabled={isEmpty}
          >
            Export
          </button>
          <OpenFile />
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
      {isEmpty && (
        <p className="empty">
          Nothing is starred yet. The star of a feature or a pair, or the key <kbd>x</kbd>, puts it here.
        </p>
      )}
      <div className="collections">
        {collections.collections.map((one) => (
          <Shelf key={one.name} collection={one} />
        ))}
        <NewCollection />
      </div>
    </section>
  );
}

function exportCollections(collections: All): void {
  const text = `${JSON.stringify(collections, null, 2)}\n`;
  saveBlob(new Blob([text], { type: 'application/json' }), 'collections.json');
}

/** Adds the collections of a file to those that are here. */
function OpenFile() {
  const session = useSession();
  const { collections } = useKnown();
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    if (!file) return;
    const more = JSON.parse(await file.text()) as All;
    await session.save(joined(collections, more));
  };
  return (
    <label className="quiet file">
      Open a file
      <input type="file" accept="application/json" onChange={(event) => void take(event)} />
    </label>
  );
}

/** One collection: its name, whether stars go into it, what is in it. */
function Shelf({ collection: { name, entries } }: { readonly collection: Collection }) {
  const session = useSession();
  const { into } = useAddress(session.address);
  const { collections } = useKnown();
  const rename = (to: string) => {
    const next = renamed(collections, name, to.trim());
    if (next === collections) return;
    if (into === name) session.address.go({ into: to.trim() });
    void session.save(next);
  };
  return (
    <section className="shelf" aria-label={`Collection ${name}`}>
      <header>
        <input
          className="shelf-name"
          aria-label={`Name of the collection ${name}`}
          defaultValue={name}
          maxLength={200}
          onBlur={({ target }) => {
            rename(target.value);
            target.value = target.value.trim() || name;
          }}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && currentTarget.blur()}
        />
        <label className="choice">
          <input
            type="radio"
            name="into"
            checked={collectionFor(collections, into) === name}
            onChange={() => session.address.go({ into: name })}
          />{' '}
          new stars here
        </label>
        {entries.length === 0 && (
          <button
            type="button"
            className="icon"
            aria-label={`Take the empty collection ${name} away`}
            onClick={() => void session.save(withoutCollection(collections, name))}
          >
            ×
          </button>
        )}
      </header>
      {entries.length === 0 ? (
        <p className="note">Nothing in it.</p>
      ) : (
        <ul className="starred">
          {entries.map((entry) => (
            <Entry
              key={`${entry.sae} ${entry.feature} ${entry.partner?.sae} ${entry.partner?.feature}`}
              entry={entry}
              of={name}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function NewCollection() {
  const session = useSession();
  const { collections } = useKnown();
  const make = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const name = String(new FormData(form).get('name')).trim();
    if (name === '') return;
    void session.save(withCollection(collections, name));
    session.address.go({ into: name });
    form.reset();
  };
  return (
    <form className="new-collection" onSubmit={make}>
      <label>
        <span className="unseen">Name of a new collection</span>
        <input name="name" placeholder="another collection" maxLength={200} autoComplete="off" />
      </label>
      <button type="submit" className="quiet">
        Add
      </button>
    </form>
  );
}

function Entry({ entry, of }: { readonly entry: Starred; readonly of: string }) {
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
      <small>{group?.id}</small>
      <button
        type="button"
        className="icon star"
        aria-label={`Take the star of ${title} away`}
        aria-pressed="true"
        onClick={() => void toggleStar(session, entry)}
      >
        ★
      </button>
      {collections.collections.length > 1 && (
        <select
          aria-label={`Collection of ${title}`}
          value={of}
          onChange={({ target }) => void session.save(moved(collections, entry, target.value))}
        >
          {collections.collections.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
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

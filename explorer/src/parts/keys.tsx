// What the keys do, over the page.
import { useEffect, useRef } from 'react';
import { useSession } from '../state/session.js';
import { shortcuts } from './shortcuts.js';

export function Keys() {
  const { address } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="keys" onClose={() => address.go({ open: undefined })}>
      <h2 id="keys">Keys</h2>
      <dl className="keys">
        {shortcuts.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>← → ↑ ↓</kbd>
          </dt>
          <dd>walk on the map, in the table, and along the cut</dd>
        </div>
        <div>
          <dt>
            <kbd>Shift ← →</kbd>
          </dt>
          <dd>in a head of the table: narrower, wider; Shift Home fits it again</dd>
        </div>
      </dl>
      <form method="dialog">
        <button type="submit" className="quiet">
          Close
        </button>
      </form>
    </dialog>
  );
}

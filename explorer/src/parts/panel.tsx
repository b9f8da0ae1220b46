// The frame of a view: its title, what it says of itself, its actions, and whether it fills the screen.
import { type ReactNode, useId, useRef } from 'react';
import { useAddress } from '../state/history.js';
import { useSession } from '../state/session.js';
import { FigureActions } from './figure-actions.js';

export interface PanelProps {
  readonly id: string;
  readonly title: string;
  /** A line under the title. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Whether it holds a figure that can be copied. */
  readonly figure?: boolean;
  readonly children: ReactNode;
}

export function Panel({ id, title, note, actions, figure = false, children }: PanelProps) {
  const { address } = useSession();
  const full = useAddress(address).full === id;
  const heading = useId();
  const body = useRef<HTMLDivElement>(null);
  return (
    <section className={`panel panel-${id}${full ? ' full' : ''}`} aria-labelledby={heading}>
      <header className="panel-head">
        <div>
          <h2 id={heading}>{title}</h2>
          {note !== undefined && <p className="note">{note}</p>}
        </div>
        <div className="actions">
          {actions}
          {figure && <FigureActions body={body} name={id} />}
          <button
            type="button"
            className="icon"
            aria-pressed={full}
            aria-label={full ? `${title}: leave full screen` : `${title}: full screen`}
            title={full ? 'Leave full screen (Esc)' : 'Full screen'}
            onClick={() => address.go({ full: full ? undefined : id })}
          >
            {full ? '×' : '⤢'}
          </button>
        </div>
      </header>
      <div className="panel-body" ref={body}>
        {children}
      </div>
    </section>
  );
}

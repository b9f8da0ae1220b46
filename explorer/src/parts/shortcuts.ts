// Keys that work anywhere on the page, unless something is being typed.
import { useEffect } from 'react';
import { toggleStar } from '../state/collection.js';
import { type Session, useSession } from '../state/session.js';

export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  readonly act: (session: Session, key: string) => unknown;
}

export const shortcuts: readonly Shortcut[] = [
  {
    keys: ['j', 'k'],
    does: 'next and previous feature of the table',
    act: (session, key) => step(session, key === 'j' ? 1 : -1),
  },
  { keys: ['x'], does: 'star the feature that is open', act: star },
  { keys: ['/'], does: 'write a filter', act: () => document.getElementById('filter')?.focus() },
  { keys: ['g'], does: 'go to a feature by its index', act: () => document.getElementById('jump')?.focus() },
  { keys: ['r'], does: 'a feature by chance', act: randomFeature },
  { keys: ['['], does: 'lower the cut by 0.01', act: (session) => moveCut(session, -0.01) },
  { keys: [']'], does: 'raise the cut by 0.01', act: (session) => moveCut(session, 0.01) },
  { keys: ['?'], does: 'these keys', act: ({ address }) => address.go({ open: 'keys' }) },
  { keys: ['Esc'], does: 'leave the full screen, close the feature', act: leave },
];

export function useShortcuts(): void {
  const session = useSession();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('dialog')) return;
      const key = event.key === 'Escape' ? 'Esc' : event.key;
      const found = shortcuts.find(({ keys }) => keys.includes(key));
      if (!found) return;
      event.preventDefault();
      void found.act(session, key);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [session]);
}

export function moveCut({ address }: Session, by: number): void {
  const cut = Math.min(1, Math.max(0, Math.round(1000 * (address.get().cut + by)) / 1000));
  address.move({ cut });
}

export async function randomFeature({ engine, address }: Session): Promise<void> {
  const feature = await engine.random(Math.random());
  if (feature) address.go({ feature });
}

/** The row after or before the one that is open; the first one where none is. */
async function step({ engine, address }: Session, by: number): Promise<void> {
  const { feature } = address.get();
  const at = feature && (await engine.find(feature));
  let row = at === undefined ? 0 : at + by;
  // Rows of one feature may follow each other.
  for (let tries = 0; tries < 64; tries++, row += by) {
    if (row < 0) return;
    const [[sae], [index]] = await engine.rows(row, row + 1, ['sae', 'feature']);
    if (sae === undefined) return;
    if (sae === feature?.sae && index === feature.feature) continue;
    address.go({ feature: { sae: String(sae), feature: Number(index) } });
    return;
  }
}

async function star(session: Session): Promise<void> {
  const { feature } = session.address.get();
  if (feature) await toggleStar(session, feature);
}

function leave({ address }: Session): void {
  const { full } = address.get();
  address.go(full === undefined ? { feature: undefined } : { full: undefined });
}

// A feature as a card for a page of somebody else's: one piece of HTML with its styles, no script, nothing loaded.
import { useState } from 'react';
import type { FeatureSeen } from '../data/partners.js';
import { cardHtml } from '../parts/card-html.js';
import { useKnown, useSession } from '../state/session.js';

export function FeatureCard({ seen }: { readonly seen: FeatureSeen }) {
  const session = useSession();
  const { folder, results } = useKnown();
  const [said, say] = useState('');
  const copy = async () => {
    const title = results?.study?.name ?? folder?.name ?? '';
    await navigator.clipboard.writeText(cardHtml(seen, title, session.group()));
    say('copied');
    setTimeout(() => say(''), 1500);
  };
  return (
    <p className="card-line">
      <button type="button" className="quiet" onClick={() => void copy()}>
        Copy as a card (HTML)
      </button>{' '}
      <span role="status" className="said">
        {said}
      </span>
    </p>
  );
}

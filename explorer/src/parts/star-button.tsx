// Stars a feature or a pair, or takes the star away.
import { type Chosen, starredAlready, toggleStar } from '../state/collection.js';
import { useKnown, useSession } from '../state/session.js';

export function StarButton({ chosen, label }: { readonly chosen: Chosen; readonly label: string }) {
  const session = useSession();
  const { collections } = useKnown();
  const starred = starredAlready(collections, chosen);
  return (
    <button
      type="button"
      className="icon star"
      aria-pressed={starred !== undefined}
      aria-label={starred ? `Take the star of ${label} away` : `Star ${label}`}
      title={starred ? 'Take the star away' : 'Star'}
      onClick={() => void toggleStar(session, chosen)}
    >
      {starred ? '★' : '☆'}
    </button>
  );
}

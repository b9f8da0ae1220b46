// The page: what stands above everything, the views in their places, what lies over them.
import { useEffect } from 'react';
import { Head } from './parts/head.js';
import { Keys } from './parts/keys.js';
import { useShortcuts } from './parts/shortcuts.js';
import { useAddress } from './state/history.js';
import { useKnown, useSession } from './state/session.js';
import { Comparison } from './views/comparison.js';
import { views } from './views/registry.js';
import { Run } from './views/run.js';

export function App() {
  const session = useSession();
  const { folder, results, problem } = useKnown();
  const { full, open } = useAddress(session.address);
  useShortcuts();
  const title = folder?.empty ? undefined : (results?.study?.name ?? folder?.name);
  useEffect(() => {
    document.title = title === undefined ? 'reseed explorer' : `${title} · reseed explorer`;
  }, [title]);
  useEffect(() => {
    document.documentElement.classList.toggle('has-full', full !== undefined);
  }, [full]);
  if (problem !== undefined) {
    return (
      <main className="alone">
        <h1>{folder?.name ?? 'reseed explorer'}</h1>
        <p role="alert" className="problem">
          {problem}
        </p>
      </main>
    );
  }
  if (!folder) return <main className="alone" aria-busy="true" />;
  const comparing = folder.empty === true || (open === 'compare' && session.source.compares);
  return (
    <>
      <Head />
      <main>
        {folder.live && <Run />}
        {comparing ? (
          <Comparison />
        ) : results ? (
          <div className="views">
            {views.map(({ id, View }) => (
              <View key={id} />
            ))}
          </div>
        ) : (
          !folder.live && (
            <p className="waiting" role="status">
              There is no results.json in this folder yet. It is shown here as soon as it is written.
            </p>
          )
        )}
      </main>
      {open === 'keys' && <Keys />}
    </>
  );
}

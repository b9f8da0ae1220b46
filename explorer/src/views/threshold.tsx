// Where a partner counts: the cut on the best |cosine|s, which counts, shares and every other view follow.
import { percent, score } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import { Switch } from '../parts/switch.js';
import { useAddress } from '../state/history.js';
import { useKnown, useSession } from '../state/session.js';
import { CutChart, marks } from './cut-chart.js';
import { CutCounts } from './cut-counts.js';

const charts = [
  { id: 'histogram', label: 'Histogram' },
  { id: 'share', label: 'ECDF' },
] as const;

export function Threshold() {
  const session = useSession();
  const { chart, cut } = useAddress(session.address);
  const { shown, loading, tableProblem } = useKnown();
  return (
    <Panel
      id="threshold"
      title="Where a partner counts"
      note={`Best |cosine| of the selected features, and the cut at ${score(cut)}. Drag the cut; drag elsewhere to select.`}
      figure
      actions={
        <Switch
          legend="Drawn as"
          choices={charts}
          chosen={chart}
          choose={(one) => session.address.go({ chart: one })}
        />
      }
    >
      {shown ? (
        <>
          <CutChart summary={shown.summary} />
          <fieldset className="marks">
            <legend className="unseen">Common cuts</legend>
            {marks.map((mark) => (
              <button
                key={mark}
                type="button"
                aria-pressed={cut === mark}
                onClick={() => session.address.go({ cut: mark })}
              >
                {mark}
              </button>
            ))}
          </fieldset>
          <CutCounts summary={shown.summary} />
        </>
      ) : (
        <p className="waiting" role="status">
          {tableProblem ??
            (loading === undefined ? 'Opening the features' : `Reading the features: ${percent(loading)}`)}
        </p>
      )}
    </Panel>
  );
}

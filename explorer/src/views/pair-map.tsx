// The map of SAEs by SAEs: what of each comes back in each other one. A cell opens its pair; a pinned SAE turns all into differences.
import { type KeyboardEvent, useRef, useState } from 'react';
import type { ToldGroup } from '../../../src/results/results-file.js';
import { filterText, isPair, pairTerms, parseFilter, withoutPair } from '../data/filter.js';
import type { Summary } from '../data/summary.js';
import { score as scoreText } from '../parts/format.js';
import { Panel } from '../parts/panel.js';
import type { Address } from '../state/address.js';
import { useAddress } from '../state/history.js';
import { shortName } from '../state/names.js';
import { useKnown, useSession } from '../state/session.js';

/** Value of row a and column b; undefined where there is none. */
type Values = (a: string, b: string) => number | undefined;

/** Beyond this many SAEs cells have no numbers. */
const mostWithNumbers = 10;

export function PairMap() {
  const session = useSession();
  const address = useAddress(session.address);
  const { shown, folder } = useKnown();
  const group = session.group();
  if (!group) return null;
  const values = valuesOf(group, address, shown?.summary);
  const metrics = Object.entries(group.metrics).filter(([, metric]) => metric.pairs.length > 0);
  const note =
    address.score === 'cut'
      ? `Share of the selected features of a row that have a partner in the column at |cosine| ≥ ${scoreText(address.cut, 2)}`
      : folder?.words.metrics[address.score]?.name;
  return (
    <Panel
      id="map"
      title="SAE by SAE"
      note={note}
      actions={
        <label className="choice">
          <span className="unseen">Shown on the map</span>
          <select
            value={address.score}
            onChange={({ target }) => session.address.go({ score: target.value })}
          >
            <option value="cut">share at the cut</option>
            {metrics.map(([id]) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      }
    >
      <Cells group={group} values={values} address={address} />
      <p className="note">
        {address.baseline === undefined
          ? 'Click a cell to see its features below; click a name to hold the others against it.'
          : `Held against ${shortName(address.baseline, group)}: its own row and column have its values, each other cell how much more the SAE of its row has with the SAE of the column.`}
      </p>
    </Panel>
  );
}

function valuesOf(group: ToldGroup, { score }: Address, summary: Summary | undefined): Values {
  if (score === 'cut') {
    return (a, b) => {
      const pair = summary?.pairs.find(({ sae, other }) => sae === a && other === b);
      return pair && pair.rows > 0 ? pair.atCut / pair.rows : undefined;
    };
  }
  const pairs = Object.entries(group.metrics).find(([id]) => id === score)?.[1].pairs ?? [];
  return (a, b) =>
    pairs.find((pair) => (pair.a === a && pair.b === b) || (pair.a === b && pair.b === a))?.value;
}

interface CellsProps {
  readonly group: ToldGroup;
  readonly values: Values;
  readonly address: Address;
}

function Cells({ group, values, address }: CellsProps) {
  const session = useSession();
  const { saes } = group;
  const { baseline } = address;
  const { terms } = parseFilter(address.filter);
  const table = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState<readonly [number, number]>([0, Math.min(1, saes.length - 1)]);
  /** Whether a cell shows its value, whatever is pinned. */
  const isPlain = (a: string, b: string) => baseline === undefined || a === baseline || b === baseline;
  const shownValue: Values = (a, b) => {
    const value = values(a, b);
    if (baseline === undefined || isPlain(a, b) || value === undefined) return value;
    const held = values(baseline, b);
    return held === undefined ? undefined : value - held;
  };
  const open = (a: string, b: string) => {
    const without = withoutPair(terms);
    const next = isPair(terms, a, b) ? without : [...pairTerms(a, b), ...without];
    session.address.go({ filter: filterText(next) });
  };
  const pin = (sae: string) => session.address.go({ baseline: sae === baseline ? undefined : sae });
  const walk = (event: KeyboardEvent) => {
    const [down, right] = steps[event.key] ?? [0, 0];
    if (down === 0 && right === 0) return;
    event.preventDefault();
    let [i, j] = [at[0] + down, at[1] + right];
    // No SAE is seen in itself: its cell is stepped over.
    if (i === j) [i, j] = [i + down, j + right];
    if (i < 0 || j < 0 || i >= saes.length || j >= saes.length) return;
    setAt([i, j]);
    table.current?.querySelector<HTMLElement>(`[data-at="${i},${j}"]`)?.focus();
  };
  return (
    <div className={`map${saes.length > mostWithNumbers ? ' dense' : ''}`}>
      <table aria-label="SAE by SAE" ref={table} onKeyDown={walk}>
        <thead>
          <tr>
            <td />
            {saes.map((sae) => (
              <th key={sae} scope="col">
                <span>{shortName(sae, group)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {saes.map((a, i) => (
            <tr key={a}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={a === baseline}
                  title={
                    a === baseline ? 'Show values again' : `Hold the others against ${shortName(a, group)}`
                  }
                  onClick={() => pin(a)}
                >
                  {shortName(a, group)}
                </button>
              </th>
              {saes.map((b, j) => {
                if (a === b) return <td key={b} className="own" />;
                const value = shownValue(a, b);
                const difference = !isPlain(a, b);
                return (
                  <td key={b}>
                    <button
                      type="button"
                      data-at={`${i},${j}`}
                      tabIndex={at[0] === i && at[1] === j ? 0 : -1}
                      aria-pressed={isPair(terms, a, b)}
                      onFocus={() => setAt([i, j])}
                      onClick={() => open(a, b)}
                      aria-label={`${shortName(a, group)} in ${shortName(b, group)}: ${value === undefined ? 'no value' : cellText(value, difference, address.score === 'cut')}`}
                      style={cellColour(value, difference)}
                    >
                      {saes.length <= mostWithNumbers &&
                        (value === undefined ? '–' : cellText(value, difference, address.score === 'cut'))}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Shares in per cent, scores with three decimals; differences with their sign. */
function cellText(value: number, difference: boolean, isShare: boolean): string {
  const text = isShare ? `${scoreText(100 * value, 1)}%` : scoreText(value);
  return difference && value > 0 && !/^0[.0]*%?$/.test(text) ? `+${text}` : text;
}

/** At most six tenths of the colour, so that the number on it can be read. Differences of 0.1 have all of it. */
function cellColour(
  value: number | undefined,
  difference: boolean,
): { readonly backgroundColor: string } | undefined {
  if (value === undefined) return undefined;
  const share = Math.min(1, difference ? 10 * Math.abs(value) : Math.max(0, value));
  const colour = difference && value < 0 ? 'var(--less)' : 'var(--heat)';
  return { backgroundColor: `color-mix(in srgb, ${colour} ${Math.round(4 + 56 * share)}%, transparent)` };
}

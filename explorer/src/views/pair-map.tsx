// The map of SAEs by SAEs: what of each comes back in each other one. A cell opens its pair; a pinned SAE turns all into differences.
import { type KeyboardEvent, useRef, useState } from 'react';
import type { GroupInFile } from '../../../src/results/results-file.js';
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

function valuesOf(group: GroupInFile, { score }: Address, summary: Summary | undefined): Values {
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
  readonly group: GroupInFile;
  readonly values: Values;
  readonly address: Address;
}

/** Row and column of a cell. */
type Place = readonly [number, number];

function Cells({ group, values, address }: CellsProps) {
  const { saes } = group;
  const table = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState<Place>([0, Math.min(1, saes.length - 1)]);
  const walk = (event: KeyboardEvent) => {
    const to = nextPlace(event.key, at, saes.length);
    if (!to) return;
    event.preventDefault();
    setAt(to);
    table.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus();
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
                <PinButton sae={a} group={group} pinned={a === address.baseline} />
              </th>
              {saes.map((b, j) =>
                a === b ? (
                  <td key={b} className="own" />
                ) : (
                  <td key={b}>
                    <PairCell
                      a={a}
                      b={b}
                      place={[i, j]}
                      group={group}
                      address={address}
                      {...cellValue(values, address.baseline, a, b)}
                      inTabOrder={at[0] === i && at[1] === j}
                      onFocus={() => setAt([i, j])}
                    />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Pins an SAE, so that the cells say how much more others have than it has. */
function PinButton({
  sae,
  group,
  pinned,
}: {
  readonly sae: string;
  readonly group: GroupInFile;
  readonly pinned: boolean;
}) {
  const session = useSession();
  const name = shortName(sae, group);
  return (
    <button
      type="button"
      aria-pressed={pinned}
      title={pinned ? 'Show values again' : `Hold the others against ${name}`}
      onClick={() => session.address.go({ baseline: pinned ? undefined : sae })}
    >
      {name}
    </button>
  );
}

interface CellValue {
  readonly value: number | undefined;
  /** Whether it is held against that of the pinned SAE. */
  readonly difference: boolean;
}

/** The row and the column of the pinned SAE show their values. */
function cellValue(values: Values, pinned: string | undefined, a: string, b: string): CellValue {
  const value = values(a, b);
  if (pinned === undefined || a === pinned || b === pinned) return { value, difference: false };
  const held = values(pinned, b);
  return {
    value: value === undefined || held === undefined ? undefined : value - held,
    difference: true,
  };
}

interface PairCellProps extends CellValue {
  readonly a: string;
  readonly b: string;
  readonly place: Place;
  readonly group: GroupInFile;
  readonly address: Address;
  readonly inTabOrder: boolean;
  readonly onFocus: () => void;
}

/** One pair, which a click selects in all views. */
function PairCell({ a, b, place, group, address, value, difference, inTabOrder, onFocus }: PairCellProps) {
  const session = useSession();
  const { terms } = parseFilter(address.filter);
  const chosen = isPair(terms, a, b);
  const text = value === undefined ? undefined : cellText(value, difference, address.score === 'cut');
  const open = () => {
    const without = withoutPair(terms);
    const next = chosen ? without : [...pairTerms(a, b), ...without];
    session.address.go({ filter: filterText(next) });
  };
  return (
    <button
      type="button"
      data-at={`${place}`}
      tabIndex={inTabOrder ? 0 : -1}
      aria-pressed={chosen}
      onFocus={onFocus}
      onClick={open}
      aria-label={`${shortName(a, group)} in ${shortName(b, group)}: ${text ?? 'no value'}`}
      style={cellColour(value, difference)}
    >
      {group.saes.length <= mostWithNumbers && (text ?? '–')}
    </button>
  );
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Where a key leads; undefined where it leads nowhere. No SAE is seen in itself: its cell is stepped over. */
function nextPlace(key: string, [row, column]: Place, saes: number): Place | undefined {
  const step = steps[key];
  if (!step) return undefined;
  let [i, j] = [row + step[0], column + step[1]];
  if (i === j) [i, j] = [i + step[0], j + step[1]];
  return i < 0 || j < 0 || i >= saes || j >= saes ? [row, column] : [i, j];
}

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

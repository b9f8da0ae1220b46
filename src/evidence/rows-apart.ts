// Rows that are set apart by where they stand, measured: what part of the variance goes with them, and how far from the others they lie.
//
// Rows that other findings are about (massive ones, copies of one) are not looked at again; of those it is only said where they stand.
import type { Tokens } from '../activations/tokens.js';
import type { ColumnMoments } from '../stats/column-moments.js';
import { much } from './massive.js';
import { commonTokens, farPlaces, farTimes, type Place, type PlaceRows, placeOfMost } from './places.js';
import { padding } from './repeats.js';

/** Half as far from their own middle as the others are from theirs. */
const alikeTimes = 1 / 2;

export interface RowsApart {
  readonly places: readonly Place[];
  /** Ascending. */
  readonly rows: Int32Array;
  /** Root mean square distance from the middle of the others, as a multiple of theirs. */
  readonly times: number;
  /** Share of Σ‖x − x̄‖² (without massive rows) that goes with them. */
  readonly share: number;
}

/** What the tokens of the rows tell of them. */
export interface PlacesFound {
  /** Where most of the massive rows stand, and of the copies of the commonest row, where they are many. */
  readonly massive?: Place;
  readonly repeated?: Place;
  readonly apart?: RowsApart;
}

export interface KnownRows {
  readonly tokens: Tokens;
  /** [rows] squared distances from near the middle */
  readonly sizes: Float64Array;
  /** [rows] the first row that each is a copy of */
  readonly representative: Int32Array;
  readonly massive: Int32Array | undefined;
  /** Of all rows but massive ones. */
  readonly moments: ColumnMoments;
  /** Moments of some rows about the same shift, which are read again. */
  momentsOf(rows: Int32Array): Promise<ColumnMoments>;
}

export async function findPlaces(known: KnownRows): Promise<PlacesFound> {
  const { tokens, sizes, massive } = known;
  const repeated = commonestRow(known.representative);
  const left = new Uint8Array(tokens.rows);
  for (const n of massive ?? []) left[n] = 1;
  for (const n of repeated) left[n] = 1;
  const far = farPlaces(tokens, sizes, left);
  const reallyFar = far.length > 0 && isFar(await measured(far, known)) ? far : [];
  for (const { rows } of reallyFar) for (const n of rows) left[n] = 1;
  const alike: PlaceRows[] = [];
  for (const one of commonTokens(tokens, left)) if (await isAlike(one.rows, known)) alike.push(one);
  const found = [...reallyFar, ...alike];
  const massivePlace = massive && placeOfMost(tokens, massive);
  const repeatedPlace = placeOfMost(tokens, repeated);
  return {
    ...(massivePlace ? { massive: massivePlace } : {}),
    ...(repeatedPlace ? { repeated: repeatedPlace } : {}),
    ...(found.length > 0 ? { apart: await measured(found, known) } : {}),
  };
}

function isFar({ share, times }: RowsApart): boolean {
  return share >= much && times >= farTimes;
}

async function isAlike(rows: Int32Array, { moments, momentsOf }: KnownRows): Promise<boolean> {
  const own = await momentsOf(rows);
  const others = moments.without(own);
  return own.spread() / own.rows <= alikeTimes ** 2 * (others.spread() / others.rows);
}

async function measured(found: readonly PlaceRows[], { moments, momentsOf }: KnownRows): Promise<RowsApart> {
  const rows = Int32Array.from(found.flatMap((one) => [...one.rows])).sort();
  const own = await momentsOf(rows);
  const others = moments.without(own);
  const [here, there] = [own.means(), others.means()];
  const between = here.reduce((sum, m, j) => sum + (m - there[j]) ** 2, 0);
  const usual = others.spread() / others.rows;
  return {
    places: found.map(({ place }) => place),
    rows,
    times: usual > 0 ? Math.sqrt((own.spread() / own.rows + between) / usual) : 0,
    share: 1 - others.spread() / moments.spread(),
  };
}

/** The copies of the row that is there most often, ascending, where it is more than a twentieth of all; else none. */
function commonestRow(representative: Int32Array): Int32Array {
  const counts = new Int32Array(representative.length);
  for (const n of representative) counts[n]++;
  const most = counts.reduce((a, count, n) => (count > counts[a] ? n : a), 0);
  if (counts[most] < 2 || counts[most] <= padding * representative.length) return new Int32Array(0);
  return Int32Array.from(representative.keys()).filter((n) => representative[n] === most);
}

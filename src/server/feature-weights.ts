// What the weights of the SAEs tell of one feature: its nearest by decoder rows, in every other SAE and in its own.
//
// Cosines in float64 of float32 rows. One pass over each decoder, and none is kept beyond a budget of bytes.
import { defined } from '../defined.js';
import { openSae } from '../sae/open-sae.js';
import type { Sae } from '../sae/sae.js';
import type { Matrix } from '../tensor/matrix.js';
import type { CodeReader } from './feature-codes.js';
import type { FeatureWeights, Neighbour } from './protocol.js';

const nearestOthers = 2;
const nearestOwn = 5;

/** Of weights that are kept in memory. */
const mostBytes = 2 ** 30;

export class WeightReader {
  readonly #open = new Map<string, Promise<Sae>>();

  /** @param paths where the weights of each SAE lie, by its id */
  constructor(
    readonly paths: ReadonlyMap<string, string>,
    private readonly codes?: CodeReader,
  ) {}

  /** Undefined where there is no such feature. @throws as `openSae` */
  async of(id: string, feature: number, others: readonly string[]): Promise<FeatureWeights | undefined> {
    if (!this.paths.has(id)) return undefined;
    const mine = await this.#sae(id);
    if (feature >= mine.decoder.rows) return undefined;
    const seen = [];
    for (const sae of others) {
      if (!this.paths.has(sae)) continue;
      const theirs = await this.#sae(sae);
      if (theirs.decoder.cols !== mine.decoder.cols) continue;
      const found = nearest(mine, feature, theirs, nearestOthers);
      const withCodes = found.map(async (one) => {
        const codes = await this.codes?.cosine(
          { id, sae: mine, feature },
          { id: sae, sae: theirs, feature: one.feature },
        );
        return { ...one, ...defined({ codes }) };
      });
      seen.push({ sae, nearest: await Promise.all(withCodes) });
    }
    const own = nearest(mine, feature, mine, nearestOwn + 1).filter((one) => one.feature !== feature);
    return {
      others: seen,
      own: own.slice(0, nearestOwn),
      ...(this.codes ? { codeRows: this.codes.rows } : {}),
    };
  }

  #sae(id: string): Promise<Sae> {
    const known = this.#open.get(id);
    if (known) return known;
    const opened = openSae(this.paths.get(id) as string).then(({ sae }) => sae);
    this.#open.set(id, opened);
    opened.then(
      () => this.#forget(),
      () => this.#open.delete(id),
    );
    return opened;
  }

  /** The one that was opened first goes first. */
  async #forget(): Promise<void> {
    let bytes = 0;
    for (const [id, opened] of [...this.#open].reverse()) {
      const { encoder, decoder } = await opened;
      bytes += encoder.data.byteLength + decoder.data.byteLength;
      if (bytes > mostBytes && this.#open.size > 1) this.#open.delete(id);
    }
  }
}

function nearest(mine: Sae, feature: number, theirs: Sae, n: number): Neighbour[] {
  const all = cosinesOf(mine.decoder, feature, theirs.decoder);
  const encoders = mine.encoder.cols === theirs.encoder.cols;
  return topByMagnitude(all, n).map((index) => ({
    feature: index,
    cosine: all[index],
    ...(encoders ? { encoder: cosine(mine.encoder, feature, theirs.encoder, index) } : {}),
  }));
}

/** [G] of row i of A with every row of B; 0 where a row has no direction. */
function cosinesOf(a: Matrix, i: number, b: Matrix): Float64Array {
  return Float64Array.from({ length: b.rows }, (_, j) => cosine(a, i, b, j));
}

function cosine(a: Matrix, i: number, b: Matrix, j: number): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let k = 0, x = i * a.cols, y = j * b.cols; k < a.cols; k++, x++, y++) {
    dot += a.data[x] * b.data[y];
    aa += a.data[x] * a.data[x];
    bb += b.data[y] * b.data[y];
  }
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : 0;
}

/** Indices of the n largest by magnitude, the largest first. */
function topByMagnitude(values: Float64Array, n: number): number[] {
  const top: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]);
    if (top.length === n && size <= Math.abs(values[top[n - 1]])) continue;
    let at = top.length;
    while (at > 0 && Math.abs(values[top[at - 1]]) < size) at--;
    top.splice(at, 0, i);
    if (top.length > n) top.pop();
  }
  return top;
}

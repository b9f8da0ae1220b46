// Features seen by their codes: columns of codes on the same rows, held against SAEs that know nothing but what directions are used.
//
// The cosine of two features is Σ_n a_ni·b_nj/(‖a_i‖·‖b_j‖), not centred, as in activation.max. Codes of any two SAEs agree in what the
// activations force on them, so a feature is held against a twin of the other SAE: as many encoder rows, drawn with the second moment of
// its own (crowd.ts), with its lengths and biases, of which each row keeps as many features as the SAE does on average. Its
// p-value is (1 + b)/(1 + m): of m features of about the same firing rate b find one as near in such a twin. Twins are drawn until
// a band of firing rates has 1,600 features, or eight were; a p-value can be no smaller than 1/(1 + m).
// For untrained SAEs as a null see metrics/nulls/untrained.ts; a twin needs no weights before training, and keeps how the
// encoder crowds, which makes it the stricter of the two.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { crowdOfRows, drawOnAxes, inSpace } from '../../metrics/draws/crowd.js';
import { type NamedCodes, requireSameRows } from '../../metrics/pairs/activation.js';
import type { Sae } from '../../sae/sae.js';
import { row, rowNorms, unitRows, zeros } from '../../tensor/matrix.js';
import type { Rng } from '../../tensor/rng.js';
import {
  firingCounts,
  liveFeatures,
  meanActive,
  type SparseCodes,
  transposeCodes,
} from '../../tensor/sparse-codes.js';
import type { FeaturePairs, FeatureView, Likeness } from './view.js';

/** An SAE as its twins are made of it. */
export interface CodedSae extends NamedCodes {
  readonly sae: Sae;
}

export interface CodeOptions {
  /** Codes [rows × F] of an SAE on the rows of all codes. */
  readonly encode: (sae: Sae, of: number) => Promise<SparseCodes>;
  /** A stream of its own for each draw. */
  readonly rng: (...of: (string | number)[]) => Rng;
}

/** Features of a band of firing rates, and twins of an SAE, at the least and at the most. */
const enough = 1600;
const mostTwins = 8;
/** Other SAEs whose features look into the twins of an SAE. */
const lookers = 2;

/** What the best |cosine|s in twins of an SAE are, by how often features fire. */
interface TwinLevel {
  /** Upper ends of the bands, ascending, the last one infinite: shares of the rows. */
  readonly upTo: readonly number[];
  /** Best |cosine|s of each band, ascending. */
  readonly best: readonly Float64Array[];
}

/** @throws input.shape when the codes are not of the same rows */
export function byCodes(
  saes: readonly CodedSae[],
  kernel: Kernel,
  { encode, rng }: CodeOptions,
): FeatureView {
  requireSameRows(saes);
  const rates = saes.map(({ codes }) => {
    const rows = Math.max(1, codes.rows);
    return Float64Array.from(firingCounts(codes), (count) => count / rows);
  });
  const columns = saes.map(({ codes }) => transposeCodes(codes));
  const norms = columns.map(columnNorms);
  const levels: (Promise<TwinLevel> | undefined)[] = [];
  const levelOf = (s: number, work: WorkOptions) => {
    levels[s] ??= twinLevel(saes, rates, s, kernel, { encode, rng }, work);
    return levels[s];
  };
  const likeness = async (
    a: number,
    b: number,
    { i, j }: FeaturePairs,
    work: WorkOptions,
  ): Promise<Likeness> => {
    const cosine = Float64Array.from(i, (feature, e) => {
      const scale = norms[a][feature] * norms[b][j[e]];
      const product = columnProduct(columns[a], feature, columns[b], j[e]);
      return scale === 0 ? 0 : Math.max(-1, Math.min(1, product / scale));
    });
    if (cosine.length === 0) return { cosine, pValue: new Float64Array(0) };
    const [there, back] = [await levelOf(b, work), await levelOf(a, work)];
    return {
      cosine,
      pValue: cosine.map((c, e) =>
        Math.max(pIn(there, rates[a][i[e]], Math.abs(c)), pIn(back, rates[b][j[e]], Math.abs(c))),
      ),
    };
  };
  return {
    by: 'codes',
    features: saes.map(({ codes }) => liveFeatures(codes)),
    mutual: async (a, b, work) => {
      throwIfCancelled(work.signal);
      const { aToB, bToA } = await kernel.coFiring(saes[a].codes, saes[b].codes, work);
      const { index } = aToB.abs;
      const i = Int32Array.from(index.keys()).filter(
        (feature) => index[feature] >= 0 && bToA.abs.index[index[feature]] === feature,
      );
      const pairs = { i, j: i.map((feature) => index[feature]) };
      return { ...pairs, ...(await likeness(a, b, pairs, work)) };
    },
    likeness,
  };
}

function columnNorms({ rows, offsets, values }: SparseCodes): Float64Array {
  return Float64Array.from({ length: rows }, (_, feature) => {
    let sum = 0;
    for (let e = offsets[feature]; e < offsets[feature + 1]; e++) sum += values[e] * values[e];
    return Math.sqrt(sum);
  });
}

/** Σ_n a_n·b_n of two columns, whose entries ascend by rows. */
function columnProduct(a: SparseCodes, i: number, b: SparseCodes, j: number): number {
  let sum = 0;
  let f = b.offsets[j];
  for (let e = a.offsets[i]; e < a.offsets[i + 1]; e++) {
    while (f < b.offsets[j + 1] && b.indices[f] < a.indices[e]) f++;
    if (f === b.offsets[j + 1]) break;
    if (b.indices[f] === a.indices[e]) sum += a.values[e] * b.values[f];
  }
  return sum;
}

async function twinLevel(
  saes: readonly CodedSae[],
  rates: readonly Float64Array[],
  s: number,
  kernel: Kernel,
  { encode, rng }: CodeOptions,
  work: WorkOptions,
): Promise<TwinLevel> {
  const others = Array.from(
    { length: Math.min(lookers, saes.length - 1) },
    (_, at) => (s + 1 + at) % saes.length,
  );
  const found: { readonly rate: number; readonly best: number }[] = [];
  const wanted = enough * 8;
  for (let draw = 0; draw < mostTwins && (draw === 0 || found.length < wanted); draw++) {
    throwIfCancelled(work.signal);
    const twin = await encode(await twinOf(saes[s], kernel, rng('twin', saes[s].id, draw), work), s);
    for (const other of others) {
      const { aToB } = await kernel.coFiring(saes[other].codes, twin, work);
      rates[other].forEach((rate, feature) => {
        if (rate > 0) found.push({ rate, best: Math.min(1, aToB.abs.value[feature]) });
      });
    }
  }
  found.sort((one, other) => one.rate - other.rate);
  const bands = Math.max(1, Math.min(8, Math.floor(found.length / enough)));
  const parts = Array.from({ length: bands }, (_, band) =>
    found.slice(Math.floor((band * found.length) / bands), Math.floor(((band + 1) * found.length) / bands)),
  );
  return {
    upTo: parts.map((part, band) =>
      band === bands - 1 ? Number.POSITIVE_INFINITY : (part.at(-1)?.rate ?? 0),
    ),
    best: parts.map((part) => Float64Array.from(part, ({ best }) => best).sort()),
  };
}

/** An SAE with encoder rows that are drawn: TopK, as sparse as the codes of the real one are. */
async function twinOf({ sae, codes }: CodedSae, kernel: Kernel, rng: Rng, work: WorkOptions): Promise<Sae> {
  const { unit, kept } = unitRows(sae.encoder);
  const crowd = await crowdOfRows(unit, kernel, work);
  const drawn = await inSpace(drawOnAxes(crowd, kept.length, rng), crowd, kernel, work);
  const lengths = rowNorms(sae.encoder);
  const encoder = zeros(sae.encoder.rows, sae.encoder.cols);
  kept.forEach((feature, at) => {
    const to = row(encoder, feature);
    row(drawn, at).forEach((value, t) => {
      to[t] = lengths[feature] * value;
    });
  });
  const k = Math.max(1, Math.min(sae.encoder.rows, Math.round(meanActive(codes))));
  return { ...sae, encoder, activation: { kind: 'topk', k, relu: true } };
}

function pIn({ upTo, best }: TwinLevel, rate: number, cosine: number): number {
  const band = best[upTo.findIndex((end) => rate <= end)];
  // The first of the band that is as near.
  let [low, high] = [0, band.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (band[middle] >= cosine) high = middle;
    else low = middle + 1;
  }
  return (1 + band.length - low) / (1 + band.length);
}

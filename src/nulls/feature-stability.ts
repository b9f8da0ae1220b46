// Feature by feature: which features of one SAE come back in each of the others, and how sure that is.
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { initCosines } from '../similarity/init-cosine.js';
import type { Member } from '../similarity/metric.js';
import { incompleteBeta } from '../stats/incomplete-beta.js';
import { rowNorms, unitRows } from '../tensor/matrix.js';
import { firingCounts } from '../tensor/sparse-codes.js';

/** The features of SAE `sae` seen in SAE `other`; all arrays [n], n = scored features (those with a direction) */
export interface FeatureMatchTable {
  readonly sae: string;
  readonly other: string;
  readonly features: Int32Array;
  readonly partner: Int32Array;
  readonly cosine: Float64Array;
  readonly margin: Float64Array;
  readonly mutual: Uint8Array;
  readonly assigned: Int32Array;
  readonly assignedCosine: Float64Array;
  readonly pValue: Float64Array;
  readonly qValue: Float64Array;
}
export interface FeatureSummary {
  readonly sae: string;
  readonly features: number;
  readonly norm: Float64Array;
  readonly firingRate?: Float64Array;
  readonly initCosine?: Float64Array;
  readonly stability: Float64Array;
  readonly stability07: Float64Array;
  readonly stability09: Float64Array;
}
export interface FeatureStability {
  readonly summaries: readonly FeatureSummary[];
  readonly matches: readonly FeatureMatchTable[];
}

export async function featureStability(
  members: readonly Member[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<FeatureStability | undefined> {
  const sides = members.map((m) => ({ ...m, ...unitRows(m.sae.decoder) }));
  if (sides.length < 2 || sides.some((s) => s.kept.length === 0)) return undefined;
  const matches: FeatureMatchTable[] = [];
  for (const a of sides) {
    for (const b of sides) {
      if (a === b) continue;
      const { aToB, bToA } = await kernel.bestMatches(a.unit, b.unit, options);
      const assigned = await kernel.assign(a.unit, b.unit, options);
      const d = a.unit.cols;
      const p = aToB.abs.value.map((c) => {
        const tail = incompleteBeta(Math.max(0, 1 - c * c), (d - 1) / 2, 0.5);
        return -Math.expm1(b.kept.length * Math.log1p(-tail));
      });
      const order = Array.from(p.keys()).sort((x, y) => p[y] - p[x]);
      const q = new Float64Array(p.length);
      order.reduce((least, at, rank) => {
        q[at] = Math.min(least, (p[at] * p.length) / (p.length - rank));
        return q[at];
      }, 1);
      matches.push({
        sae: a.id,
        other: b.id,
        features: a.kept,
        partner: aToB.abs.index.map((j) => b.kept[j]),
        cosine: aToB.abs.value.map((c, i) => (aToB.signed.value[i] >= c ? c : -c)),
        margin: aToB.abs.value.map((c, i) => c - aToB.abs.secondValue[i]),
        mutual: Uint8Array.from(aToB.abs.index, (j, i) => (bToA.abs.index[j] === i ? 1 : 0)),
        assigned: assigned.partner.map((j) => (j < 0 ? -1 : b.kept[j])),
        assignedCosine: assigned.value,
        pValue: p,
        qValue: q,
      });
    }
  }
  const summaries = sides.map((s): FeatureSummary => {
    const own = matches.filter((m) => m.sae === s.id);
    const share = (holds: (m: FeatureMatchTable, i: number) => boolean): Float64Array => {
      const out = new Float64Array(s.sae.decoder.rows);
      s.kept.forEach((feature, i) => {
        out[feature] = own.filter((m) => holds(m, i)).length / own.length;
      });
      return out;
    };
    const init = initCosines(s);
    const initCosine = init && new Float64Array(s.sae.decoder.rows);
    init?.features.forEach((feature, i) => {
      initCosine![feature] = init.cosines[i];
    });
    return {
      sae: s.id,
      features: s.sae.decoder.rows,
      norm: rowNorms(s.sae.decoder),
      ...(s.codes ? { firingRate: Float64Array.from(firingCounts(s.codes), (n) => n / s.codes!.rows) } : {}),
      ...(initCosine ? { initCosine } : {}),
      stability: share((m, i) => m.qValue[i] <= 0.05),
      stability07: share((m, i) => Math.abs(m.cosine[i]) >= 0.7),
      stability09: share((m, i) => Math.abs(m.cosine[i]) >= 0.9),
    };
  });
  return { summaries, matches };
}

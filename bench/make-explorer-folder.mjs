// Makes a folder as large as the explorer must open: 5 SAEs of 131,072 features, 2,621,440 rows.
//
//   node bench/make-explorer-folder.mjs FOLDER [FEATURES]
//
// features.parquet is written by the code that writes every other one; its numbers are made up, of a kind that occurs: six
// features in ten have a true partner in every other SAE, and features that fire often come back more. results.json is that of
// a group of docs/images/layer-0-anomaly.json under other names, so that page and table are of one folder.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../dist/formats/atomic-write.js';
import { encodeFeatures, Rng, serializeResults } from '../dist/index.js';

const [folder, given] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node bench/make-explorer-folder.mjs FOLDER [FEATURES]');
const features = Number(given ?? 131_072);
const seeds = [42, 123, 456, 789, 1011];
const ids = seeds.map((seed) => `seed${seed}`);
const group = 'compare';
const shared = 0.6;

await mkdir(folder, { recursive: true });
const stability = madeUp();
await writeFileAtomic(join(folder, 'features.parquet'), encodeFeatures([{ group, stability }]));
await writeFile(join(folder, 'results.json'), serializeResults(await resultsLike()));
console.log(
  `${folder}: ${stability.matches.reduce((sum, { features: { length } }) => sum + length, 0)} rows`,
);

function madeUp() {
  // Where the true feature t of all SAEs stands in each; those beyond the shared ones are their own.
  const places = seeds.map((seed) => permutation(new Rng(seed)));
  const inverse = places.map(inverted);
  const rates = ids.map((_, s) => {
    const random = normals(100 + s, features);
    const own = normals(7, features);
    return Float64Array.from({ length: features }, (_, f) => {
      const t = inverse[s][f];
      const log = -3 + 0.8 * own[t] + 0.15 * random[f];
      return t % 37 === 0 ? 0 : Math.min(1, 10 ** log);
    });
  });
  const matches = [];
  for (const [s, sae] of ids.entries()) {
    for (const [o, other] of ids.entries()) {
      if (s !== o) matches.push(table(s, sae, o, other, places, inverse, rates));
    }
  }
  const share = (sae, holds) => {
    const own = matches.filter((match) => match.sae === sae);
    return Float64Array.from(
      { length: features },
      (_, f) => own.filter((match) => holds(match, f)).length / own.length,
    );
  };
  return {
    matches,
    summaries: ids.map((sae, s) => ({
      sae,
      features,
      norm: normals(200 + s, features).map((x) => 0.5 + 0.06 * x),
      firingRate: rates[s],
      initCosine: normals(300 + s, features).map((x) => Math.tanh(0.4 + 0.3 * x)),
      stability: share(sae, ({ qValue }, f) => qValue[f] <= 0.05),
      stabilitySphere: share(sae, ({ qValueSphere }, f) => qValueSphere[f] <= 0.05),
      stability07: share(sae, ({ cosine }, f) => Math.abs(cosine[f]) >= 0.7),
      stability09: share(sae, ({ cosine }, f) => Math.abs(cosine[f]) >= 0.9),
    })),
  };
}

function table(s, sae, o, other, places, inverse, rates) {
  const random = new Rng(1000 + 10 * s + o);
  const [noise, signs] = [
    normals(2000 + 10 * Math.min(s, o) + Math.max(s, o), features),
    new Float32Array(features),
  ];
  random.fillNormal(signs);
  const out = {
    sae,
    other,
    features: Int32Array.from({ length: features }, (_, f) => f),
    partner: new Int32Array(features),
    cosine: new Float64Array(features),
    margin: new Float64Array(features),
    mutual: new Uint8Array(features),
    assigned: new Int32Array(features),
    assignedCosine: new Float64Array(features),
    pValue: new Float64Array(features),
    qValue: new Float64Array(features),
    pValueSphere: new Float64Array(features),
    qValueSphere: new Float64Array(features),
  };
  for (let f = 0; f < features; f++) {
    const t = inverse[s][f];
    const isShared = t < shared * features;
    const often = Math.max(0, Math.min(1, (Math.log10(rates[s][f] || 1e-6) + 5) / 4));
    const cosine = isShared
      ? 1 - 0.45 * (1.2 - often) * Math.abs(noise[t] * 0.8 + 0.4)
      : 0.31 + 0.04 * noise[t];
    out.cosine[f] = Math.max(0.12, Math.min(0.9999, cosine)) * (!isShared && signs[f] > 0.6 ? -1 : 1);
    out.partner[f] = isShared ? places[o][t] : Math.abs(Math.round(signs[f] * 1e6)) % features;
    out.margin[f] = Math.max(0.0005, Math.abs(out.cosine[f]) - 0.3 + 0.01 * signs[f]) * 0.9;
    out.mutual[f] = isShared ? 1 : 0;
    out.assigned[f] = places[o][t];
    out.assignedCosine[f] = isShared ? out.cosine[f] : 0.1 * signs[f];
    out.pValue[f] = 10 ** -Math.max(0, 40 * (Math.abs(out.cosine[f]) - 0.33));
    out.qValue[f] = Math.min(1, out.pValue[f] * 1.6);
    out.pValueSphere[f] = out.pValue[f] ** 2;
    out.qValueSphere[f] = Math.min(1, out.pValueSphere[f] * 1.6);
  }
  return out;
}

function normals(seed, n) {
  const values = new Float32Array(n);
  new Rng(seed).fillNormal(values);
  return Float64Array.from(values);
}

function permutation(random) {
  const keys = new Float32Array(features);
  random.fillNormal(keys);
  return Int32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b]);
}

function inverted(places) {
  const out = new Int32Array(places.length);
  places.forEach((place, t) => {
    out[place] = t;
  });
  return out;
}

async function resultsLike() {
  const file = new URL('../docs/images/layer-0-anomaly.json', import.meta.url);
  const { study: _, claims: __, ...results } = JSON.parse(await readFile(file, 'utf8'));
  const one = results.groups.find(({ id }) => id === 'layer1.plus');
  const named = new Map(one.saes.map((id, i) => [id, ids[i]]));
  const text = [...named].reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(one));
  return {
    ...results,
    saes: results.saes
      .filter(({ id }) => named.has(id))
      .map(({ path: ___, ...sae }) => ({ ...sae, id: named.get(sae.id), dModel: 256, dSae: features })),
    groups: [{ ...JSON.parse(text), id: group }],
  };
}

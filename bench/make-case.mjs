// Makes SAEs and activations of the sizes that people have (XS: for trying), for timing a whole comparison; nothing is trained.
//
//   node bench/make-case.mjs XS|S|M|L|XL|MANY|WIDE FOLDER
//
// FOLDER/s0, s1 … in the layout of SAELens (TopK, k 32), and FOLDER/x.npy. The same name gives the same bytes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { writeFileAtomic } from '../dist/formats/atomic-write.js';
import { takeRows, transpose, unitRows, zeros } from '../dist/tensor/index.js';

/** SAEs of F features in d dimensions, and rows of activations. */
export const wholeCases = {
  XS: { saes: 2, features: 512, d: 64, rows: 5000 },
  S: { saes: 3, features: 4096, d: 576, rows: 100_000 },
  M: { saes: 5, features: 16_384, d: 768, rows: 100_000 },
  L: { saes: 2, features: 65_536, d: 2304, rows: 0 },
  XL: { saes: 2, features: 131_072, d: 4096, rows: 0 },
  // Many SAEs, and wide ones: what `consensus` takes as either grows.
  MANY: { saes: 9, features: 16_384, d: 768, rows: 0 },
  WIDE: { saes: 3, features: 131_072, d: 128, rows: 0 },
};

/** Of the features of an SAE, those that all SAEs have up to noise. */
const sharedShare = 0.4;
/** Length of that noise beside a feature of length 1. */
const noise = 0.5;
const k = 32;
/** Shared features in a row of activations, and the SD of the noise of its entries. */
const parts = 24;
const rowNoise = 0.02;

/** Uniform and normal numbers from 32-bit words (sfc32): quick, since XL takes a billion of them. */
function numbers(seed) {
  let [a, b, c, count] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1];
  const word = () => {
    const out = (a + b + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < 16; i++) word();
  const uniform = () => (word() + 0.5) / 2 ** 32;
  let spare;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

function normalRows(rows, d, { normal }) {
  const out = zeros(rows, d);
  for (let e = 0; e < out.data.length; e++) out.data[e] = normal();
  return out;
}

function shuffled(n, { uniform }) {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Unit rows [F×d] in a random order: the common ones with noise, the rest its own. */
function decoder(common, features, d, draw) {
  const rows = normalRows(features, d, draw);
  const scale = noise / Math.sqrt(d);
  for (let e = 0; e < common.data.length; e++) rows.data[e] = common.data[e] + scale * rows.data[e];
  return takeRows(unitRows(rows).unit, shuffled(features, draw));
}

/** In pieces, because a single write takes less than 2 GiB. */
function* bytesOf(data) {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < bytes.length; at += 2 ** 28) yield bytes.subarray(at, at + 2 ** 28);
}

/** A safetensors file, piece by piece: those of XL are larger than one array can be. */
async function* safetensors(tensors) {
  let at = 0;
  const header = {};
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const json = JSON.stringify(header);
  const text = json.padEnd(Math.ceil(json.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  yield Buffer.concat([length, Buffer.from(text)]);
  for (const { data } of Object.values(tensors)) yield* bytesOf(data);
}

/** A .npy file of float32 rows that are made block by block. */
async function* npy(rows, d, blocks) {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${d}), }`;
  const text = `${dict.padEnd(Math.ceil((10 + dict.length + 1) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  yield Buffer.concat([start, Buffer.from(text)]);
  for (const block of blocks) yield* bytesOf(block);
}

/** Sums of shared features, the first ones more often, each by a factor |n| of a normal n, and noise. */
function* activationRows(common, rows, { uniform, normal }) {
  const d = common.cols;
  const most = 4000;
  for (let done = 0; done < rows; done += most) {
    const block = new Float32Array(Math.min(most, rows - done) * d);
    for (let at = 0; at < block.length; at += d) {
      for (let part = 0; part < parts; part++) {
        const size = Math.abs(normal());
        const from = Math.floor(common.rows * uniform() ** 2) * d;
        for (let t = 0; t < d; t++) block[at + t] += size * common.data[from + t];
      }
      for (let t = 0; t < d; t++) block[at + t] += rowNoise * normal();
    }
    yield block;
  }
}

function configOf(features, d) {
  return {
    architecture: 'topk',
    d_in: d,
    d_sae: features,
    k,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: true,
    normalize_activations: 'none',
    reshape_activations: 'none',
    rescale_acts_by_decoder_norm: false,
    metadata: {
      sae_lens_version: '6.20.0',
      model_name: 'made',
      hook_name: 'blocks.6.hook_resid_post',
    },
  };
}

async function makeCase(name, folder) {
  const { saes, features, d, rows } = wholeCases[name];
  const draw = numbers(0);
  const { unit: common } = unitRows(normalRows(Math.floor(sharedShare * features), d, draw));
  for (let s = 0; s < saes; s++) {
    const sae = join(folder, `s${s}`);
    await mkdir(sae, { recursive: true });
    const rowsOfSae = decoder(common, features, d, numbers(100 + s));
    const tensors = {
      W_enc: { shape: [d, features], data: transpose(rowsOfSae).data },
      W_dec: { shape: [features, d], data: rowsOfSae.data },
      b_enc: { shape: [features], data: new Float32Array(features) },
      b_dec: { shape: [d], data: new Float32Array(d) },
    };
    await writeFileAtomic(join(sae, 'sae_weights.safetensors'), safetensors(tensors));
    await writeFileAtomic(join(sae, 'cfg.json'), JSON.stringify(configOf(features, d), null, 2));
  }
  // Last: where it is there, the case is whole.
  if (rows > 0) {
    await writeFileAtomic(join(folder, 'x.npy'), npy(rows, d, activationRows(common, rows, draw)));
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, folder] = process.argv.slice(2);
  if (!wholeCases[name] || folder === undefined) {
    console.error(`node bench/make-case.mjs ${Object.keys(wholeCases).join('|')} FOLDER`);
    process.exit(2);
  }
  await makeCase(name, folder);
}

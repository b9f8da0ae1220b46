// A folder to explore, and requests as anybody could send them.
import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFeatures } from '../../src/report/feature-table.js';
import { serializeResults } from '../../src/report/serialize-results.js';
import { parseResults } from '../../src/results/read-results.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { matrix } from '../../src/tensor/matrix.js';
import { Rng } from '../../src/tensor/rng.js';
import { textOf } from '../docs/page.js';
import { sourceFile } from '../docs/pictures.js';

export const saes = ['seed42', 'seed123', 'seed456', 'seed789', 'seed1011'].map(
  (seed) => `layer0.plus.${seed}`,
);
export const features = 12;

/** The results of the layer-0 study, with some features (of `stability`), and weights of its first two SAEs. */
export async function exploredFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'reseed-explored-'));
  const results = parseResults(JSON.parse(textOf(sourceFile)));
  await writeFile(join(folder, 'results.json'), serializeResults(results));
  await writeFile(
    join(folder, 'features.parquet'),
    encodeFeatures([{ group: 'layer0.plus', stability: stability() }]),
  );
  await writeFile(
    join(folder, 'report.html'),
    '<!doctype html><title>report</title><style>p{color:red}</style>',
  );
  for (const [i, sae] of saes.slice(0, 2).entries()) {
    await mkdir(join(folder, 'saes', sae), { recursive: true });
    const { weights, config } = encodeSaelens(smallSae(i), undefined, {});
    await writeFile(join(folder, 'saes', sae, saelensFiles.weights), weights);
    await writeFile(join(folder, 'saes', sae, saelensFiles.config), config);
  }
  return folder;
}

export function stability() {
  const tables = saes.flatMap((sae, s) =>
    saes.flatMap((other, o) => {
      if (s === o) return [];
      const cosine = Float64Array.from({ length: features }, (_, i) => (i + 1) / (features + 1));
      const indices = Int32Array.from(cosine, (_, i) => i);
      const zeros = new Float64Array(features);
      return {
        ...{ sae, other, features: indices, partner: indices, cosine, margin: zeros.map(() => 0.05) },
        ...{ mutual: new Uint8Array(features).fill(1), assigned: indices, assignedCosine: cosine },
        ...{ pValue: zeros, qValue: zeros, pValueSphere: zeros, qValueSphere: zeros },
      };
    }),
  );
  const summaries = saes.map((sae) => {
    const ones = new Float64Array(features).fill(1);
    const firingRate = Float64Array.from(ones, (_, i) => (i === 0 ? 0 : 10 ** -(i % 4)));
    return {
      ...{ sae, features, norm: ones, firingRate, initCosine: ones },
      ...{ stability: ones, stabilitySphere: ones, stability07: ones, stability09: ones },
    };
  });
  return { matches: tables, summaries };
}

function smallSae(seed: number) {
  const random = new Rng(seed);
  const drawn = (rows: number, cols: number) => {
    const drawn = matrix(rows, cols, new Float32Array(rows * cols));
    random.fillNormal(drawn.data);
    return drawn;
  };
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: 3, relu: true },
    encoder: drawn(features, 5),
    encoderBias: new Float32Array(features),
    decoder: drawn(features, 5),
    decoderBias: new Float32Array(5),
    subtractDecoderBias: true,
  } as const;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as it is, unlike the path of a URL, which is cleaned first. */
  readonly path: string;
}

/** One request over a connection of its own. */
export function ask(url: string, { path, method = 'GET', headers = {}, body }: Asked): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', reject);
      answer.on('end', () => {
        const whole = Buffer.concat(pieces);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: whole,
          text: whole.toString(),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

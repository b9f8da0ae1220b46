// What three SAEs in memory agree on, as one dictionary: node examples/consensus.mjs
import { consensus, consensusResult, Rng, renderConsensus, selectKernel, zeros } from 'reseed';

const [d, features, shared] = [32, 96, 40];

/** An SAE whose first rows are those of `common`, off by a little, the others random. */
function sae(seed, common) {
  const rows = zeros(features, d);
  const rng = new Rng(seed, 'rows');
  rng.fillNormal(rows.data);
  for (let e = 0; e < common.data.length; e++) rows.data[e] = common.data[e] + 0.2 * rows.data[e];
  return {
    architecture: 'topk',
    activation: { kind: 'topk', k: 4, relu: true },
    subtractDecoderBias: false,
    encoder: rows, // [features × d]
    encoderBias: new Float32Array(features),
    decoder: rows, // [features × d]
    decoderBias: new Float32Array(d),
  };
}

const common = zeros(shared, d);
new Rng(0, 'common').fillNormal(common.data);

const kernel = selectKernel({ threads: 2 });
try {
  const saes = [1, 2, 3].map((seed) => ({ id: `seed ${seed}`, sae: sae(seed, common) }));
  const found = await consensus(saes, { kernel });
  const { families } = found.families;
  console.log(`${families.length} families, ${families.filter(({ members }) => members.length === 3).length} in all`);
  const { sae: dictionary } = found.dictionary;
  console.log(`dictionary [${dictionary.decoder.rows} × ${dictionary.decoder.cols}]`);
  const result = consensusResult(found, saes, { kernel, createdAt: new Date().toISOString() });
  console.log(renderConsensus(result));
} finally {
  await kernel.close(); // ends the worker threads
}

// Compares two SAEs that live in memory and share half of their features: node examples/compare.mjs
import { compare, describeGroup, nullOf, Rng, selectKernel, zeros } from 'reseed';

const [d, features, shared] = [32, 128, 64];

/** An SAE whose first rows are those of `common`, the others random. */
function sae(seed, common) {
  const rows = zeros(features, d);
  new Rng(seed, 'rows').fillNormal(rows.data);
  rows.data.set(common.data);
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
const activations = zeros(500, d); // X [rows × d], one row a token
new Rng(0, 'activations').fillNormal(activations.data);

const kernel = selectKernel({ threads: 2 });
try {
  const saes = [1, 2].map((seed) => ({ id: `seed ${seed}`, sae: sae(seed, common) }));
  const { results, features: table } = await compare(saes, { kernel, activations });
  const [group] = results.groups;
  for (const [id, { mean, null: chance, corrected }] of Object.entries(group.metrics)) {
    console.log(id.padEnd(24), mean.toFixed(3), chance?.mean.toFixed(3), corrected?.toFixed(3));
  }
  console.log(describeGroup(group));

  // Feature by feature: which features of the first SAE come back in the second?
  const [first] = table.summaries;
  console.log(`${first.stability.filter((share) => share === 1).length} of ${features} features come back`);

  // What chance gives for SAEs of this shape.
  const { null: level } = await nullOf('decoder.max', { dModel: d, dSae: features }, { kernel, seed: 0, draws: 5 });
  console.log(`chance level of decoder.max: ${level.mean.toFixed(4)}`);
} finally {
  await kernel.close(); // ends the worker threads
}

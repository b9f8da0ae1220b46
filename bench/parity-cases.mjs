// The cases of bench/parity.mjs: an architecture, a recipe and the package whose trainer it is held to.

const topk = { architecture: 'topk', k: 16 };
const batchtopk = { architecture: 'batchtopk', k: 16 };
const matryoshka = { architecture: 'matryoshka-batchtopk', k: 16, groups: [32, 96, 256] };
const rate = 1e-3;

/** `deadWindow`, in rows for dictionary-learning and in steps for saelens, lets AuxK take part in so short a run. */
export const cases = [
  { peer: 'dictionary-learning', sae: topk },
  { peer: 'dictionary-learning', sae: topk, deadWindow: 2000 },
  { peer: 'dictionary-learning', sae: batchtopk },
  { peer: 'dictionary-learning', sae: matryoshka },
  { peer: 'dictionary-learning', sae: { architecture: 'relu', sparsity: 0.1 }, learningRate: rate },
  {
    peer: 'dictionary-learning',
    sae: { architecture: 'jumprelu', targetL0: 16, sparsity: 1 },
  },
  { peer: 'dictionary-learning', sae: { architecture: 'gated', sparsity: 0.1 }, learningRate: rate },
  { peer: 'saelens', sae: topk, learningRate: rate },
  { peer: 'saelens', sae: topk, learningRate: rate, deadWindow: 100 },
  { peer: 'saelens', sae: batchtopk, learningRate: rate },
  { peer: 'saelens', sae: matryoshka, learningRate: rate },
  { peer: 'saelens', sae: { architecture: 'relu', sparsity: 0.1 }, learningRate: rate },
  { peer: 'saelens', sae: { architecture: 'jumprelu', sparsity: 0.01 }, learningRate: rate },
];

/** What tells a case from the others. */
export function nameOf({ peer, sae: { architecture }, deadWindow }) {
  return `${architecture}, ${peer}${deadWindow ? ', with AuxK' : ''}`;
}

// Where the residual stream runs through a model's graph: what each block passes on, found by the names that exports give nodes.
//
// Exports keep the path of the module that a node comes from: `/model/layers.15/mlp/down_proj/MatMul`. What block i passes on is
// the tensor [batch × sequence × d] that a node of block i makes and a node outside of it reads: of a later block, or of what
// stands behind the last. For models that normalise before a block (GPT-2, Pythia, Llama, Qwen, SmolLM) this is the sum of the
// residual stream; for those that normalise after (BERT) it is normalised. In both it is what transformers calls hidden state i + 1,
// but for the last one, which transformers normalises where a final normalisation follows.
import type { OnnxModel } from './graph.js';

export interface Tensor3 {
  readonly name: string;
  /** The operator that makes it. */
  readonly op: string;
  /** d */
  readonly width: number;
}

/** The names of TransformerLens for what a block reads and what it passes on, and the tensor that it is. */
export type Sites = ReadonlyMap<string, string>;

const blockOf = (name: string): number | undefined => {
  const found = /(?:^|[/.])(?:layers?|h|blocks?)[./](\d+)(?=[/.])/.exec(name);
  return found ? Number(found[1]) : undefined;
};

/** @param tensors those of three dimensions, one of which is a row a token */
export function sitesOf({ nodes, outputs }: OnnxModel, tensors: readonly Tensor3[]): Sites {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const given = new Set(outputs.map(({ name }) => name));
  const readers = new Map<string, (number | undefined)[]>();
  for (const node of nodes) {
    for (const name of new Set([...node.inputs, ...node.captured])) {
      readers.set(name, [...(readers.get(name) ?? []), blockOf(node.name)]);
    }
  }
  const passed = new Map<number, Tensor3[]>();
  const entering: Tensor3[] = [];
  for (const tensor of tensors) {
    const block = blockOf(makers.get(tensor.name)?.name ?? '');
    const read = readers.get(tensor.name) ?? [];
    if (block === undefined) {
      if (read.includes(0)) entering.push(tensor);
    } else if (given.has(tensor.name) || read.some((one) => one !== block)) {
      passed.set(block, [...(passed.get(block) ?? []), tensor]);
    }
  }
  const sites = new Map<string, string>();
  const last = Math.max(-1, ...passed.keys());
  const width = onlyOne(passed.get(0) ?? [])?.width;
  const before = onlyOne(entering.filter((tensor) => tensor.width === width));
  if (before) sites.set('blocks.0.hook_resid_pre', before.name);
  for (let block = 0; block <= last; block++) {
    const tensor = onlyOne((passed.get(block) ?? []).filter((one) => one.width === width));
    if (!tensor) continue;
    sites.set(`blocks.${block}.hook_resid_post`, tensor.name);
    if (block < last) sites.set(`blocks.${block + 1}.hook_resid_pre`, tensor.name);
  }
  return sites;
}

/** Where several could be meant, none is. */
function onlyOne(tensors: readonly Tensor3[]): Tensor3 | undefined {
  return tensors.length === 1 ? tensors[0] : undefined;
}

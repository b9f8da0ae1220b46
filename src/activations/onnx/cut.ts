// The part of a model that some of its tensors need. ONNX Runtime computes every node of a graph, needed or not.
import { ReseedError } from '../../errors.js';
import { listNames } from '../../formats/tensor-file.js';
import type { GraphNode, OnnxModel } from './graph.js';
import { concatenated, encodeField, encodeText } from './protobuf.js';

export interface CutModel {
  readonly bytes: Uint8Array;
  /** Names of the inputs that are left. */
  readonly inputs: readonly string[];
  /** Files beside the model that its weights are in. */
  readonly external: readonly string[];
  readonly nodes: number;
}

/**
 * A model with these outputs alone, and the nodes, weights and inputs that they need, in their order.
 * @throws usage.argument where no node makes a tensor of such a name
 */
export function cutModel(model: OnnxModel, wanted: readonly string[]): CutModel {
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const missing = wanted.find((name) => !makers.has(name));
  if (missing !== undefined) {
    throw new ReseedError('usage.argument', 'the model computes no tensor of that name', {
      file: model.file,
      field: `--tensor ${missing}`,
      found: nearestTo(missing, [...makers.keys()]),
      expected: 'one of those that --list shows',
    });
  }
  const { nodes, used } = needed(makers, wanted);
  const kept = model.nodes.filter((node) => nodes.has(node));
  const weights = model.weights.filter(({ name }) => used.has(name));
  const inputs = model.inputs.filter(({ name }) => used.has(name));
  const known = new Map(model.outputs.map(({ name, whole }) => [name, whole]));
  const outputs = wanted.map((name) => {
    const value = model.values.get(name);
    // What a tensor is need not be said: it follows from the nodes.
    return known.get(name) ?? encodeField(12, value ?? encodeText(1, name));
  });
  const wholes = (all: readonly { readonly whole: Uint8Array }[]) => all.map(({ whole }) => whole);
  const graph = encodeField(
    7,
    ...wholes(kept),
    encodeText(2, model.graphName),
    ...wholes(weights),
    ...wholes(inputs),
    ...outputs,
  );
  const given = new Set(weights.map(({ name }) => name));
  return {
    bytes: concatenated([...model.rest, graph]),
    inputs: inputs.flatMap(({ name }) => (given.has(name) ? [] : [name])),
    external: [...new Set(weights.flatMap(({ external }) => (external === undefined ? [] : [external])))],
    nodes: kept.length,
  };
}

/** The nodes that these tensors need, and the names that those read. */
function needed(makers: ReadonlyMap<string, GraphNode>, wanted: readonly string[]) {
  const nodes = new Set<GraphNode>();
  const used = new Set<string>();
  const left = [...wanted];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    const node = makers.get(name);
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    left.push(...node.inputs, ...node.captured);
  }
  return { nodes, used };
}

/** Names that have a part in common with this one, for a message. */
function nearestTo(name: string, all: readonly string[]): string {
  const parts = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length > 2 || /\d/.test(part));
  const shared = (one: string) => parts.filter((part) => one.toLowerCase().includes(part)).length;
  const ranked = all.map((one) => ({ one, score: shared(one) })).sort((a, b) => b.score - a.score);
  return listNames(ranked.slice(0, 5).map(({ one }) => one));
}

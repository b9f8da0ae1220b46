// The tensors of a model that can be taken: those with a row for each token, found by running it once on a few tokens.
import { ReseedError } from '../../errors.js';
import { cutModel } from './cut.js';
import { feedsOf } from './feeds.js';
import type { OnnxModel } from './graph.js';
import type { Runtime } from './runtime.js';
import { type Sites, sitesOf, type Tensor3 } from './sites.js';

/** Sequences and tokens that the model is run on: sizes that no dimension of a model has by itself. */
const [batch, length] = [3, 5];

export interface TakenFrom {
  readonly folder: string;
  readonly threads: number;
}

/** In the order of the graph. @throws input.format where the model cannot be run */
export async function tensorsOf(
  model: OnnxModel,
  runtime: Runtime,
  { folder, threads }: TakenFrom,
): Promise<{ readonly tensors: readonly Tensor3[]; readonly sites: Sites }> {
  const reached = fromInputs(model);
  const cut = cutModel(model, reached.length > 0 ? reached : model.nodes.flatMap(({ outputs }) => outputs));
  const { bytes, external, inputs } = cut;
  const session = await runtime.open({ bytes, file: model.file, folder, external, threads });
  try {
    // The first of a vocabulary are always there.
    const ids = Int32Array.from({ length: batch * length }, (_, i) => i % 2);
    const found = await session.run(feedsOf(model, inputs, ids, batch), reached);
    const ops = new Map(model.nodes.flatMap(({ op, outputs }) => outputs.map((name) => [name, op] as const)));
    const tensors = reached.flatMap((name): Tensor3[] => {
      const { dims, type } = found[name];
      const isRows = dims.length === 3 && dims[0] === batch && dims[1] === length && type.startsWith('float');
      // As wide as the sequence is long: what tokens have to do with each other.
      return isRows && dims[2] !== length ? [{ name, op: ops.get(name) as string, width: dims[2] }] : [];
    });
    return { tensors, sites: sitesOf(model, tensors) };
  } finally {
    await session.close();
  }
}

/** Names of tensors that depend on what the model reads: others are its weights, which may be large. */
function fromInputs({ nodes, inputs, weights }: OnnxModel): string[] {
  const given = new Set(weights.map(({ name }) => name));
  const depends = new Set(inputs.flatMap(({ name }) => (given.has(name) ? [] : [name])));
  const names: string[] = [];
  for (const node of nodes) {
    if (!node.inputs.some((name) => depends.has(name)) && !node.captured.some((name) => depends.has(name)))
      continue;
    for (const name of node.outputs) {
      if (name === '') continue;
      depends.add(name);
      // What comes of these is a list of tensors, or may be nothing.
      if (!/^(Sequence|SplitToSequence|Optional|If$|Loop$)/.test(node.op)) names.push(name);
    }
  }
  return names;
}

/**
 * The tensor that is meant: by its own name, or by that of a site.
 * @throws usage.argument where there is none, or it has no row a token
 */
export function tensorMeant(
  asked: string,
  { tensors, sites }: { readonly tensors: readonly Tensor3[]; readonly sites: Sites },
  file: string,
): Tensor3 {
  const site = /^blocks\.(\d+)\.(?:hook_)?(resid_pre|resid_post)$/.exec(asked);
  const name = site ? sites.get(`blocks.${site[1]}.hook_${site[2]}`) : asked;
  const tensor = tensors.find((one) => one.name === name);
  if (tensor) return tensor;
  throw new ReseedError('usage.argument', 'it is no tensor of the model with a row for each token', {
    file,
    field: `--tensor ${asked}`,
    found:
      sites.size > 0
        ? `sites ${ends([...sites.keys()])}`
        : `${tensors.length} tensors, and no blocks by their names`,
    expected: 'one of those that --list shows',
  });
}

function ends(names: readonly string[]): string {
  return names.length > 2 ? `${names[0]} … ${names[names.length - 1]}` : names.join(', ');
}

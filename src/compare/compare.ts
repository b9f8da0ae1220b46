// Compares SAEs with each other: all of them in one group, with results in the same form as a study's.

import { type ActivationRows, rowsOf } from '../activations/activation-rows.js';
import { requireTokensOf, type Tokens } from '../activations/tokens.js';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import type { Families } from '../features/families/families.js';
import type { FeatureStability } from '../features/feature-stability.js';
import type { Keep } from '../keep.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { requireDraws } from '../metrics/draws/draws.js';
import type { SaeExamples } from '../report/example-table.js';
import { groupResult, saeResults } from '../results/measured-group.js';
import { type GroupResult, type Results, resultsVersion } from '../results/results.js';
import type { TrainingRecord } from '../sae/member.js';
import { dModel, dSae, type Sae, type SaeWeights } from '../sae/sae.js';
import { saePart } from '../sae/sae-part.js';
import type { SaeOrigin } from '../sae/source.js';
import type { Matrix } from '../tensor/matrix.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';
import { version } from '../version.js';
import { examplesOf } from './examples.js';
import {
  type GroupToMeasure,
  type MeasureOptions,
  measureGroup,
  type SaeToMeasure,
} from './measure-group.js';

/** One of the SAEs to compare: F features, which may differ from SAE to SAE, in d dimensions, which may not. */
export interface ComparedSae {
  /** Names it in the results; no two may be the same. */
  readonly id: string;
  readonly sae: Sae;
  /** Weights before training, of the same shapes, where known. */
  readonly init?: SaeWeights;
  /** Codes [N×F] on rows that all SAEs share; made from `activations` where absent. */
  readonly codes?: SparseCodes;
  /** Where it does not read `CompareOptions.activations`: activations [N×d] of its own, row by row of the same as theirs. */
  readonly activations?: Matrix;
  /** How it was trained, where that is known. */
  readonly training?: TrainingRecord;
  readonly origin?: SaeOrigin;
}

export interface CompareOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** X [N×d], one row a token, in the units that the SAEs were trained on; read once, by blocks of rows. */
  readonly activations?: Matrix | ActivationRows;
  /** What transcoders should write [N×d′], row by row of the activations. */
  readonly targets?: Matrix | ActivationRows;
  /** Where they come from, for messages. */
  readonly activationsFile?: string;
  /** The token of each row, for examples of what features fire on. */
  readonly tokens?: Tokens;
  readonly tokensFile?: string;
  /** Names the random streams of nulls and controls; 0 by default. */
  readonly seed?: number;
  /** Draws per sampled null, at least 2; 20 by default. */
  readonly draws?: number;
  /** ISO 8601 time for the results; now by default. Nothing else depends on the clock. */
  readonly createdAt?: string;
  /** The command that makes these results again, for the results. */
  readonly command?: string;
  /** Recalls what an earlier comparison has computed; nothing is kept where it is absent. */
  readonly keep?: Keep;
  /** Called with the name of each slow part before it begins. */
  readonly onProgress?: (part: string, share?: number) => void;
}

export interface Comparison {
  /** What results.json holds; `groups[0]` is all SAEs, further groups are the parts that decoders are made of. */
  readonly results: Results;
  /** Feature by feature; absent where there are no two SAEs whose features can be matched. */
  readonly features?: FeatureStability;
  /** Features that several SAEs agree on, by directions; absent where features are. */
  readonly families?: Families;
  /** Tokens on which each feature fires, SAE by SAE, made as they are asked for; absent without tokens. */
  readonly examples?: AsyncIterable<SaeExamples>;
}

export const comparedGroup = 'compare';

/**
 * Every metric that these SAEs allow, each with its null and interval; findings, causes, verdict; every feature.
 * Reads and writes no files. SAEs with NaN or infinite weights are a finding, and left out of the scores.
 * @throws usage.argument below two SAEs or two draws, or when an id stands twice; input.shape when shapes do not
 * fit together; input.non-finite for activations; internal.control; internal.cancelled
 */
export async function compare(saes: readonly ComparedSae[], options: CompareOptions): Promise<Comparison> {
  const { kernel, activations: x, targets, tokens, seed = 0, draws = 20, signal, onProgress, keep } = options;
  requireDraws(draws);
  requireComparable(saes);
  if (x) requireActivations(x, saes[0].sae.encoder.cols, options.activationsFile);
  if (targets) requireTranscoders(saes, x);
  if (tokens) requireTokens(tokens, options);
  const known = saes.map((one) => ({ ...one, origin: one.origin ?? { format: 'memory' } }));
  const work: MeasureOptions = { kernel, seed, draws, ...defined({ keep, signal, onProgress }) };
  const { measured, features, families, encoded } = await measureGroup(
    { id: comparedGroup, saes: known, x, targets, file: options.activationsFile, tokens },
    work,
  );
  const groups = [groupResult(measured, placeOf(known.map(({ origin }) => origin)))];
  const described = saeResults(measured);
  for (const { label, ...group } of partGroups(known)) {
    const part = await measureGroup(group, work);
    groups.push(groupResult(part.measured, { label }));
    described.push(...saeResults(part.measured));
  }
  const found = { results: resultsOf(described, groups, options), ...defined({ features, families }) };
  if (!tokens || !x || !encoded) return found;
  const examples = examplesOf(
    {
      group: comparedGroup,
      members: encoded.members,
      x: 'read' in x ? x : rowsOf(x),
      tokens,
      seed,
      // Codes of some of the rows would show a feature without its neighbours.
      codesKnown: encoded.stride === 1,
    },
    kernel,
    signal ? { signal } : {},
  );
  return { ...found, examples };
}

function resultsOf(
  saes: Results['saes'],
  groups: Results['groups'],
  { kernel, createdAt, command }: CompareOptions,
): Results {
  return {
    schema: resultsVersion,
    createdAt: createdAt ?? new Date().toISOString(),
    reseed: { version, kernel: kernel.id, threads: kernel.threads, ...defined({ command }) },
    saes,
    groups,
  };
}

/** Of SAEs whose decoders are made of the same parts, a group for each part, of weights alone. */
function partGroups(saes: readonly SaeToMeasure[]): (GroupToMeasure & { readonly label: string })[] {
  const [{ sae: first }] = saes;
  const parts = first.parts ?? [];
  const same = saes.every(({ sae }) => JSON.stringify(sae.parts) === JSON.stringify(first.parts));
  if (parts.length < 2 || !same) return [];
  return parts.map((part, p) => ({
    id: `${comparedGroup}/${part}`,
    label: part,
    saes: saes.map(({ id, sae, origin }) => ({ id: `${id}/${part}`, sae: saePart(sae, p), origin })),
  }));
}

/** Layer and site, where all SAEs are of the same. */
function placeOf(origins: readonly SaeOrigin[]): Pick<GroupResult, 'layer' | 'site'> {
  const [{ layer, site }] = origins;
  const same = origins.every((o) => o.layer === layer && o.site === site);
  if (!same || layer === undefined) return {};
  return { layer, ...defined({ site }) };
}

export function requireComparable(saes: readonly ComparedSae[]): void {
  if (saes.length < 2) {
    throw new ReseedError('usage.argument', 'there is nothing to compare with', {
      field: 'saes',
      found: `${saes.length} SAE${saes.length === 1 ? '' : 's'}`,
      expected: 'at least two',
    });
  }
  const [first] = saes;
  for (const [i, { id, sae, init, codes, origin }] of saes.entries()) {
    const where = origin?.path === undefined ? {} : { file: origin.path };
    if (saes.findIndex((other) => other.id === id) < i) {
      throw new ReseedError('usage.argument', 'two SAEs have one id', { ...where, field: id });
    }
    if (widthsOf(sae) !== widthsOf(first.sae)) {
      throw new ReseedError('input.shape', 'SAEs of different input width cannot be compared', {
        ...where,
        field: id,
        found: widthsOf(sae),
        expected: `${widthsOf(first.sae)}, as in ${first.id}`,
      });
    }
    const own = shapesOf(sae);
    const whole = `[${dSae(sae)} × ${sae.transcoder ? sae.encoder.cols : dModel(sae)}] [${dSae(sae)}] [${dSae(sae)} × ${dModel(sae)}] [${dModel(sae)}]`;
    const wrong = [
      ['encoder, its bias, decoder and its bias do not fit together', own, whole],
      ['initial weights have another shape than the trained ones', init ? shapesOf(init) : own, own],
      [
        'codes are of another number of features',
        `${codes?.features ?? dSae(sae)} features`,
        `${dSae(sae)} features`,
      ],
    ].find(([, found, expected]) => found !== expected);
    if (!wrong) continue;
    const [problem, found, expected] = wrong;
    throw new ReseedError('input.shape', problem, { ...where, field: id, found, expected });
  }
}

function shapesOf({ encoder, encoderBias, decoder, decoderBias }: SaeWeights): string {
  return (
    `[${encoder.rows} × ${encoder.cols}] [${encoderBias.length}] ` +
    `[${decoder.rows} × ${decoder.cols}] [${decoderBias.length}]`
  );
}

function widthsOf(sae: Sae): string {
  const out = dModel(sae);
  return sae.encoder.cols === out ? `d_model ${out}` : `d_in ${sae.encoder.cols}, d_out ${out}`;
}

function requireTranscoders(saes: readonly ComparedSae[], x: CompareOptions['activations']): void {
  const transcoders = saes.some(({ sae }) => sae.transcoder);
  if (x && transcoders) return;
  throw new ReseedError('usage.argument', 'they have no effect here', {
    field: 'targets',
    found: transcoders ? 'no activations that transcoders would read' : 'no transcoder among the SAEs',
    expected: transcoders
      ? 'activations too'
      : 'transcoders; of a plain state dict it must be stated (--transcoder)',
  });
}

function requireTokens(tokens: Tokens, options: CompareOptions): void {
  const { activations, activationsFile, tokensFile } = options;
  if (!activations) {
    throw new ReseedError('usage.argument', 'they have no effect here', {
      field: 'tokens',
      found: 'no activations that they belong to',
      expected: 'activations too',
    });
  }
  requireTokensOf(activations.rows, tokens, defined({ file: tokensFile, activations: activationsFile }));
}

export function requireActivations(
  { rows, cols }: Matrix | ActivationRows,
  d: number,
  file: string | undefined,
): void {
  if (cols === d && rows > 0) return;
  throw new ReseedError('input.shape', 'these activations are not for these SAEs', {
    ...defined({ file }),
    field: 'activations',
    found: `[${rows} × ${cols}]`,
    expected: `[rows × ${d}], at least one row`,
  });
}

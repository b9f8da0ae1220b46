// The features that several SAEs agree on: families, one dictionary of them, and what the rest is.

import { type ActivationRows, rowsOf } from '../../activations/activation-rows.js';
import { defined } from '../../defined.js';
import { ReseedError, throwIfCancelled } from '../../errors.js';
import { encodeEvery } from '../../evidence/activation-pass.js';
import { type Measuring, startMeasuring } from '../../evidence/context.js';
import { isSound, prepareGroup } from '../../evidence/prepare.js';
import { byCodes } from '../../features/families/by-codes.js';
import { byDirections } from '../../features/families/by-directions.js';
import { type Families, type Family, familiesOf } from '../../features/families/families.js';
import { meanDirections } from '../../features/families/mean-direction.js';
import { type Rest, restOf } from '../../features/families/rest.js';
import { bothViews, type FeatureView, type ViewName } from '../../features/families/view.js';
import { hashArrays, type Keep } from '../../keep.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { kernelVersions } from '../../kernel/versions.js';
import type { NoDictionary } from '../../results/consensus-result.js';
import type { Member } from '../../sae/member.js';
import { dSae, kOf, type Sae } from '../../sae/sae.js';
import { numerics } from '../../sae/weight-statistics.js';
import { type Matrix, matrix, sharedCopy } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import { meanActive } from '../../tensor/sparse-codes.js';
import { type ComparedSae, requireActivations, requireComparable } from '../compare.js';
import { averageSae } from './average.js';
import { type CutKind, cut, cutKinds, type HeldOutFit, heldOutFit, type MemberFit } from './kept-part.js';
import { refit, refitVersion } from './refit.js';
import { splitRows } from './rows.js';

export interface ConsensusOptions extends WorkOptions {
  readonly kernel: Kernel;
  /** X [N×d], as for `compare`. */
  readonly activations?: Matrix | ActivationRows;
  /** Where they come from, for messages. */
  readonly activationsFile?: string;
  /** By what features are the same; `directions` by default. The others need activations. */
  readonly by?: ViewName;
  /** |cosine| that holds between all features of a family, above 0.5; 0.7 by default. */
  readonly cosine?: number;
  /** In how many SAEs a family is, to be a feature of the dictionary; more than half of them by default. */
  readonly support?: number;
  /** Features that the dictionary keeps of each row; as many as the SAEs have active on average by default. */
  readonly k?: number;
  /** Steps of training of the encoder and the biases of the dictionary; 1000 by default, 0: none. */
  readonly steps?: number;
  /** Names the streams of what is drawn; 0 by default. */
  readonly seed?: number;
  /** Recalls what an earlier run has computed. */
  readonly keep?: Keep;
  /** Called with the name of each slow part, and how much of it is done. */
  readonly onProgress?: (part: ConsensusPart, share: number) => void;
}

export const consensusParts = ['encoding', 'families', 'rest', 'refit', 'held-out', 'refit-cut'] as const;
export type ConsensusPart = (typeof consensusParts)[number];

export interface ConsensusDictionary {
  /** TopK, one feature for each family of `families`, in their order. */
  readonly sae: Sae;
  /** Numbers of its families among `Families.families` [W]. */
  readonly families: Int32Array;
  /** Families of support from this on. */
  readonly support: number;
  /** Whether encoder and biases were fitted to activations. */
  readonly refitted: boolean;
  /** What it keeps of held-out rows; absent without activations, or where there are too few rows. */
  readonly kept?: KeptPart;
}

export interface KeptPart {
  readonly rows: { readonly fit: number; readonly heldOut: number };
  readonly dictionary: HeldOutFit;
  /** Before encoder and biases were fitted. */
  readonly averaged: HeldOutFit;
  readonly members: readonly MemberFit[];
  /** Of each kind the SAE that explains most when it is cut to the width of the dictionary; absent where none can be. */
  readonly cuts: Readonly<Partial<Record<CutKind, MemberFit>>>;
  /** The best one by firing rate, with encoder and biases fitted in the same way. */
  readonly cutRefitted?: MemberFit;
}

export interface Consensus {
  readonly families: Families;
  readonly members: readonly Member[];
  /** Row n of the codes of the members is row n·stride of the activations. */
  readonly stride: number;
  readonly dictionary?: ConsensusDictionary;
  /** Absent where there is one. */
  readonly noDictionary?: NoDictionary;
  readonly rest: Rest;
}

/**
 * Groups the features of these SAEs, makes one SAE of what they agree on, and tells what is left. Reads and writes no files.
 * @throws usage.argument below two SAEs, or for an option that cannot be; input.shape when shapes do not fit together;
 * input.non-finite for weights and activations; internal.cancelled
 */
export async function consensus(saes: readonly ComparedSae[], options: ConsensusOptions): Promise<Consensus> {
  const { by = 'directions', cosine, seed = 0, steps = 1000, onProgress, activations: x, kernel } = options;
  const support = options.support ?? Math.floor(saes.length / 2) + 1;
  requireComparable(saes);
  requireFinite(saes);
  requireSupport(support, saes.length);
  if (x) requireActivations(x, saes[0].sae.encoder.cols, options.activationsFile);
  if (!x && by !== 'directions') throw codesNeedActivations(by);
  const work: WorkOptions = options.signal ? { signal: options.signal } : {};
  const measuring = startMeasuring({
    kernel,
    seed,
    draws: 2,
    ...(options.keep ? { keep: options.keep } : {}),
    ...work,
    onProgress: (_, share = 0) => onProgress?.('encoding', share),
  });
  const group = await encoded(saes, options, measuring);
  const { members, stride } = group;
  const view = viewOf(by, group, seed, measuring);
  const families = (await familiesOf(
    members.map(({ id }) => id),
    view,
    {
      ...defined({ cosine }),
      ...work,
      onProgress: (share) => onProgress?.('families', share),
    },
  ))!;
  const chosen = Int32Array.from(families.families.keys()).filter(
    (f) => families.families[f].members.length >= support,
  );
  const start = startOf(members, families, chosen, options.k);
  const directions = meanDirections(members, families.families);
  onProgress?.('rest', 0);
  const rest = await restOf(members, families, directions, measuring.comparing, { seed, ...work });
  const dictionary =
    typeof start === 'string'
      ? undefined
      : {
          families: chosen,
          support,
          ...(await fitted(start, members, x, { seed, steps, onProgress }, measuring)),
        };
  return {
    families,
    members,
    stride,
    ...(dictionary ? { dictionary } : {}),
    ...(typeof start === 'string' ? { noDictionary: start } : {}),
    rest,
  };
}

function requireSupport(support: number, saes: number): void {
  if (Number.isInteger(support) && support >= 2 && support <= saes) return;
  throw new ReseedError('usage.argument', 'no family can be in so many SAEs', {
    field: 'support',
    found: String(support),
    expected: `2 … ${saes}, the number of SAEs`,
  });
}

function requireFinite(saes: readonly ComparedSae[]): void {
  for (const { id, sae, origin } of saes) {
    const found = numerics(sae);
    if (isSound(found)) continue;
    throw new ReseedError('input.non-finite', 'its weights are not all finite', {
      ...defined({ file: origin?.path }),
      field: id,
      found: `${found.nan} NaN, ${found.inf} infinite`,
      expected: 'finite numbers; leave this SAE out',
    });
  }
}

function codesNeedActivations(by: ViewName): ReseedError {
  return new ReseedError('usage.argument', 'codes are known on activations only', {
    field: 'by',
    found: `${by}, without activations`,
    expected: 'activations (--activations), or directions',
  });
}

interface EncodedGroup {
  readonly members: readonly Member[];
  /** Row n of the codes is row n·stride of the activations. */
  readonly stride: number;
  readonly x: Matrix | ActivationRows | undefined;
}

/** The SAEs with their codes; what is known of their start is for the rest alone. */
async function encoded(
  saes: readonly ComparedSae[],
  { activations: x, activationsFile: file }: ConsensusOptions,
  measuring: Measuring,
): Promise<EncodedGroup> {
  const group = saes.map(({ id, sae, codes, activations }) => ({
    id,
    sae,
    ...(codes ? { codes } : {}),
    ...(activations ? { activations } : {}),
  }));
  const { sound, data } = await prepareGroup({ id: 'consensus', members: group, x, file }, measuring);
  return {
    members: sound.map((member, s) => ({ ...member, ...(saes[s].init ? { init: saes[s].init } : {}) })),
    stride: data?.stride ?? 1,
    x,
  };
}

function viewOf(
  by: ViewName,
  { members, stride, x }: EncodedGroup,
  seed: number,
  { comparing, kernel, units, signal }: Measuring,
): FeatureView {
  const directions = () => byDirections(members, comparing, { units });
  if (by === 'directions' || !x) return directions();
  const codes = byCodes(
    members.map(({ id, sae, codes: of }) => ({ id, sae, codes: of! })),
    comparing,
    {
      encode: (sae, s) => {
        const own = members[s].activations;
        return encodeEvery(stride, sae, asRows(own ?? x), kernel, signal ? { signal } : {});
      },
      rng: (...of) => new Rng(seed, 'consensus', ...of),
    },
  );
  return by === 'codes' ? codes : bothViews(directions(), codes);
}

function asRows(x: Matrix | ActivationRows): ActivationRows {
  return 'read' in x ? x : rowsOf(x);
}

/** The averaged SAE, or why there is none. */
function startOf(
  members: readonly Member[],
  { families }: Families,
  chosen: Int32Array,
  k: number | undefined,
): Sae | NoDictionary {
  if (chosen.length === 0) return 'no-families';
  const kinds = members.map(({ sae }) => sae.activation.kind);
  if (members.some(({ sae }) => sae.transcoder || sae.skip || sae.parts)) return 'transcoders';
  if (kinds.includes('unknown') || kinds.includes('routed')) return 'unknown-codes';
  const norms = new Set(members.map(({ sae }) => sae.inputNorm ?? 'none'));
  if (norms.size > 1 || [...norms].some((norm) => typeof norm === 'object')) return 'inputs-differ';
  const active = k ?? activeOf(members);
  if (active === undefined) return 'sparsity-unknown';
  return averageSae(
    members,
    Array.from(chosen, (f): Family => families[f]),
    active,
  );
}

/** Active features a row, on average over the SAEs: of their codes, or else as their architectures say. */
function activeOf(members: readonly Member[]): number | undefined {
  const active = members.map(({ codes, sae }) => (codes ? meanActive(codes) : kOf(sae)));
  if (active.includes(undefined)) return undefined;
  const sum = (active as number[]).reduce((total, value) => total + value, 0);
  return Math.max(1, Math.round(sum / members.length));
}

interface FittingOptions {
  readonly seed: number;
  readonly steps: number;
  readonly onProgress: ConsensusOptions['onProgress'] | undefined;
}

async function fitted(
  start: Sae,
  members: readonly Member[],
  x: Matrix | ActivationRows | undefined,
  { seed, steps, onProgress }: FittingOptions,
  measuring: Measuring,
): Promise<Pick<ConsensusDictionary, 'sae' | 'refitted' | 'kept'>> {
  // Of SAEs that read activations of their own there are no rows that one dictionary could read.
  if (!x || members.some(({ activations }) => activations && activations !== x))
    return { sae: start, refitted: false };
  const { kernel, signal } = measuring;
  const work: WorkOptions = signal ? { signal } : {};
  const rows = await splitRows(x, signal);
  if (rows.heldOut.rows === 0) return { sae: start, refitted: false };
  const trained = (sae: Sae, part: (share: number) => void) =>
    steps === 0 ? Promise.resolve(sae) : keptRefit(sae, rows.fit, { steps, seed, part }, measuring);
  onProgress?.('refit', 0);
  const sae = await trained(start, (share) => onProgress?.('refit', share));
  const [width, held] = [dSae(start), rows.heldOut];
  onProgress?.('held-out', 0);
  const cuts: Partial<Record<CutKind, MemberFit>> = {};
  let byFiring: Sae | undefined;
  const all = members.length * (cutKinds.length + 1);
  let done = 0;
  const told: MemberFit[] = [];
  for (const member of members) {
    const { id, codes: _, ...own } = member;
    told.push({ id, ...(await heldOutFit(own.sae, held, kernel, work)) });
    onProgress?.('held-out', ++done / all);
    for (const kind of cutKinds) {
      throwIfCancelled(signal);
      onProgress?.('held-out', ++done / all);
      if (width > dSae(own.sae) || own.sae.activation.kind === 'groupmax') continue;
      const short = cut(member, width, kind, seed);
      const found = { id, ...(await heldOutFit(short, held, kernel, work)) };
      if (found.explainedVariance <= (cuts[kind]?.explainedVariance ?? Number.NEGATIVE_INFINITY)) continue;
      cuts[kind] = found;
      if (kind === 'firing') byFiring = short;
    }
  }
  const again =
    byFiring && isPlainTopK(byFiring)
      ? await trained(byFiring, (share) => onProgress?.('refit-cut', share))
      : undefined;
  return {
    sae,
    refitted: steps > 0,
    kept: {
      rows: { fit: rows.fit.rows, heldOut: held.rows },
      dictionary: await heldOutFit(sae, held, kernel, work),
      averaged: await heldOutFit(start, held, kernel, work),
      members: told,
      cuts,
      ...(again && steps > 0
        ? { cutRefitted: { id: cuts.firing!.id, ...(await heldOutFit(again, held, kernel, work)) } }
        : {}),
    },
  };
}

function isPlainTopK(sae: Sae): boolean {
  return sae.activation.kind === 'topk' && !sae.transcoder && !sae.skip;
}

/** The refit, kept between runs by all that it depends on. */
async function keptRefit(
  sae: Sae,
  x: Matrix,
  { steps, seed, part }: { steps: number; seed: number; part: (share: number) => void },
  { kernel, remember, keeps, signal }: Measuring,
): Promise<Sae> {
  const compute = async (): Promise<Sae> =>
    refit(sae as Parameters<typeof refit>[0], x, kernel, {
      steps,
      seed,
      onProgress: part,
      ...(signal ? { signal } : {}),
    });
  if (!keeps) return compute();
  const { encoder, encoderBias, decoder, decoderBias, activation, subtractDecoderBias, inputNorm } = sae;
  const hash = await hashArrays([encoder.data, encoderBias, decoder.data, decoderBias, x.data]);
  const how = JSON.stringify({ activation, subtractDecoderBias, inputNorm });
  const key = ['consensus refit', refitVersion, kernelVersions.trainTopK, hash, how, steps, seed] as const;
  const kept = await remember(key, async () => {
    const { encoder: e, encoderBias: b, decoderBias: bd } = await compute();
    return {
      encoder: new Float32Array(e.data),
      encoderBias: new Float32Array(b),
      decoderBias: new Float32Array(bd),
    };
  });
  return {
    ...sae,
    encoder: matrix(encoder.rows, encoder.cols, sharedCopy(kept.encoder)),
    encoderBias: sharedCopy(kept.encoderBias),
    decoderBias: sharedCopy(kept.decoderBias),
  };
}

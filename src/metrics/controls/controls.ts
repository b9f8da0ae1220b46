// Controls: cases whose score is known, measured with the same code as every report.
//
// An SAE against itself, and against its own permuted copy (also with signs flipped, where signs do not count),
// scores 1. Two dictionaries that share a part s of their rows, the others random, give that part back: one-to-one
// as the share s of pairs with cosine 1, best matches as the score s + (1 − s)·chance.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { expectedMax } from '../../stats/best-cosine.js';
import type { Member, PairScores } from '../metric.js';
import { activationMax } from '../pairs/activation.js';
import { activationMatched } from '../pairs/activation-matched.js';
import { decoderMax } from '../pairs/decoder.js';
import { encoderMax } from '../pairs/encoder.js';
import { decoderMatched, encoderMatched, type MatchedScores } from '../pairs/matched.js';
import { sharedScores } from '../pairs/shared.js';
import { subspace } from '../pairs/subspace.js';
import { atMost, plantedDictionaries, plantedPart, shuffledCopy } from './control-members.js';

export const controlIds = [
  'decoder.self',
  'decoder.shuffled-copy',
  'decoder.planted-part',
  'decoder.matched.self',
  'decoder.matched.permuted-copy',
  'decoder.matched.planted-part',
  'decoder.matched.abs.shuffled-copy',
  'encoder.self',
  'encoder.shuffled-copy',
  'encoder.planted-part',
  'encoder.matched.self',
  'encoder.matched.permuted-copy',
  'encoder.matched.planted-part',
  'shared.permuted-copy',
  'shared.planted-part',
  'activation.self',
  'activation.matched.permuted-copy',
  'subspace.shuffled-copy',
] as const;
export type ControlId = (typeof controlIds)[number];

export interface Control {
  readonly id: ControlId;
  readonly expected: number;
  readonly measured: number;
  /** Largest |measured − expected| that passes. */
  readonly tolerance: number;
  readonly passed: boolean;
}

export interface ControlOptions extends WorkOptions {
  /** Names the streams of the permutations, the signs and the planted dictionaries. */
  readonly seed: number;
}

/** Unit rows are rounded to float32. */
const rounding = 1e-6;

/**
 * The mean over 128 random rows or more, in both directions, scatters by less than 0.0025 (SD of one best |cosine|
 * 0.04, over √128, and both ways round): six of that.
 */
const plantedTolerance = 0.015;

/** A measured score, or nothing where the member cannot have it. */
type Case = readonly [id: ControlId, expected: number, measured: number | undefined, tolerance?: number];

/**
 * Runs the controls on a member of the group that is reported; of a large one, on 512 of its features. Those that
 * the member cannot have are left out: of weights without any direction, of codes that are unknown or never active.
 */
export async function controls(
  member: Member,
  kernel: Kernel,
  { seed, signal }: ControlOptions,
): Promise<Control[]> {
  const options: WorkOptions = signal ? { signal } : {};
  const some = atMost(512, member);
  const cases = [
    ...(await onCopies(some, seed, kernel, options)),
    ...(await onPlanted(seed, kernel, options)),
  ];
  const found = new Map(cases.map((c) => [c[0], c]));
  return controlIds.flatMap((id) => {
    const [, expected, measured, tolerance = rounding] = found.get(id)!;
    if (measured === undefined) return [];
    return [{ id, expected, measured, tolerance, passed: Math.abs(measured - expected) <= tolerance }];
  });
}

/** @throws internal.control naming the first control that fails: no score of this run can be trusted then */
export async function requireControls(
  member: Member,
  kernel: Kernel,
  options: ControlOptions,
): Promise<Control[]> {
  const run = await controls(member, kernel, options);
  const failed = run.find(({ passed }) => !passed);
  if (!failed) return run;
  throw new ReseedError('internal.control', `the control ${failed.id} failed, so no score can be trusted`, {
    found: String(failed.measured),
    expected: `${failed.expected} ± ${failed.tolerance}`,
  });
}

async function onCopies(member: Member, seed: number, kernel: Kernel, options: WorkOptions): Promise<Case[]> {
  const against = (other: Member) => [
    { ...member, id: 'a' },
    { ...other, id: 'b' },
  ];
  const itself = against(member);
  const permuted = against(shuffledCopy(member, seed, 'permuted', { flip: false }));
  const shuffled = against(shuffledCopy(member, seed, 'shuffled', { flip: true }));
  const decoders = await decoderMatched(permuted, kernel, options);
  const encoders = await encoderMatched(permuted, kernel, options);
  return [
    ['decoder.self', 1, only(await decoderMax(itself, kernel, options))],
    ['decoder.shuffled-copy', 1, only(await decoderMax(shuffled, kernel, options))],
    ['decoder.matched.self', 1, only(await decoderMatched(itself, kernel, options))],
    ['decoder.matched.permuted-copy', 1, only(decoders)],
    [
      'decoder.matched.abs.shuffled-copy',
      1,
      only(await decoderMatched(shuffled, kernel, { ...options, absolute: true })),
    ],
    ['encoder.self', 1, only(await encoderMax(itself, kernel, options))],
    ['encoder.shuffled-copy', 1, only(await encoderMax(shuffled, kernel, options))],
    ['encoder.matched.self', 1, only(await encoderMatched(itself, kernel, options))],
    ['encoder.matched.permuted-copy', 1, only(encoders)],
    ['shared.permuted-copy', 1, inBoth(decoders, encoders)],
    ['activation.self', 1, only(await activationMax(itself, kernel, { ...options, live: true }))],
    ['activation.matched.permuted-copy', 1, only(await activationMatched(permuted, kernel, options))],
    ['subspace.shuffled-copy', 1, only(await subspace(shuffled, kernel, { ...options, rank: 8 }))],
  ];
}

async function onPlanted(seed: number, kernel: Kernel, options: WorkOptions): Promise<Case[]> {
  const { features, width, decoder, encoder } = plantedPart;
  const [one, other] = plantedDictionaries(seed);
  const permuted = [one, shuffledCopy(other, seed, 'planted', { flip: false })];
  const shuffled = [one, shuffledCopy(other, seed, 'planted', { flip: true })];
  const decoders = await decoderMatched(permuted, kernel, options);
  const encoders = await encoderMatched(permuted, kernel, options);
  const chance = expectedMax(width, features);
  const best = (part: number) => part + (1 - part) * chance;
  return [
    [
      'decoder.planted-part',
      best(decoder),
      only(await decoderMax(shuffled, kernel, options)),
      plantedTolerance,
    ],
    [
      'encoder.planted-part',
      best(encoder),
      only(await encoderMax(shuffled, kernel, options)),
      plantedTolerance,
    ],
    ['decoder.matched.planted-part', decoder, alike(decoders)],
    ['encoder.matched.planted-part', encoder, alike(encoders)],
    // A feature is shared where both have it: in the smaller part, which is a part of the other.
    ['shared.planted-part', Math.min(decoder, encoder), inBoth(decoders, encoders)],
  ];
}

function only(scores: PairScores | undefined): number | undefined {
  return scores?.pairs[0].value;
}

function inBoth(
  decoders: MatchedScores | undefined,
  encoders: MatchedScores | undefined,
): number | undefined {
  return only(decoders && encoders && sharedScores(decoders, encoders)?.strict);
}

/** Share of the features whose assigned partner is the same direction. */
function alike(scores: MatchedScores | undefined): number | undefined {
  const best = scores?.matches[0].aToB.best;
  return best && best.filter((cosine) => cosine >= 1 - rounding).length / best.length;
}

// A group made ready to be measured: which of its SAEs are sound, and what the pass over the activations tells of them.

import { type ActivationRows, rowsOf } from '../activations/activation-rows.js';
import type { Tokens } from '../activations/tokens.js';
import { defined } from '../defined.js';
import { ReseedError, throwIfCancelled } from '../errors.js';
import { untrainedSae } from '../metrics/nulls/untrained.js';
import type { Member } from '../sae/member.js';
import { dSae, type Sae } from '../sae/sae.js';
import { type Numerics, numerics } from '../sae/weight-statistics.js';
import type { Matrix } from '../tensor/matrix.js';
import { isShelved } from '../tensor/shelf.js';
import { meanActive } from '../tensor/sparse-codes.js';
import { encodeEvery, type PassedMember, passOverActivations } from './activation-pass.js';
import type { Measuring } from './context.js';
import { withOtherDimensionsFit } from './heavy-dimensions.js';
import type { OfOthers } from './passing-member.js';
import type { RowDescription } from './row-description.js';

/** SAEs that are compared with each other, and the activations [N×d] that they encode. */
export interface Group {
  readonly id: string;
  /** With codes and initial weights where they are known; codes are made where they are not. */
  readonly members: readonly Member[];
  readonly x?: Matrix | ActivationRows | undefined;
  /** What transcoders should write [N×d′], row by row of x. */
  readonly targets?: Matrix | ActivationRows | undefined;
  /** Where the activations come from, for messages. */
  readonly file?: string | undefined;
  /** One a row of x. */
  readonly tokens?: Tokens | undefined;
}

/** Of a block, where SAEs are read for each. */
const leastRows = 8192;

export interface PreparedGroup {
  readonly id: string;
  /** All of them, the sound ones with codes. */
  readonly members: readonly Member[];
  readonly sound: readonly Member[];
  readonly data?: RowDescription & {
    /** Rows that codes are kept of. */
    readonly codeRows: number;
    /** Row n of the codes is row n·stride of the activations. */
    readonly stride: number;
  };
}

/**
 * Reads the activations once, where there are any.
 * @throws input.shape, input.non-finite, input.file; internal.cancelled
 */
export async function prepareGroup(
  { id, members, x: given, targets, file, tokens }: Group,
  measuring: Measuring,
): Promise<PreparedGroup> {
  const sound = soundMembers(members);
  const x = given && asRows(given);
  if (!x || x.rows === 0) return { id, members: withSound(members, sound), sound };
  requireSameRows(members, x.rows);
  const { kernel, signal, onProgress } = measuring;
  const own = new Map<Matrix, ActivationRows>();
  const sourceOf = ({ activations }: Member): ActivationRows | undefined => {
    // Often they are the group's after all.
    if (!activations || activations === given) return undefined;
    const source = own.get(activations) ?? rowsOf(activations);
    own.set(activations, source);
    return source;
  };
  // The null of untrained SAEs needs the start of all of them.
  const startsKnown = sound.every(({ init }) => init !== undefined);
  const options = {
    ...defined({ signal, file, targets: targets && asRows(targets), tokens }),
    ...defined({ blockRows: rowsWorthReading(sound) }),
    onProgress: (share: number) => onProgress?.(`${id}/encoding`, share),
  };
  throwIfCancelled(signal);
  onProgress?.(`${id}/encoding`, 0);
  const pass = await passOverActivations(
    x,
    sound.map((member) => {
      const source = sourceOf(member);
      const untrained = startsKnown ? untrainedAtOnce(member) : undefined;
      const { id, sae, codes } = member;
      return { id, sae, ...defined({ own: source, codes, untrained }) };
    }),
    kernel,
    options,
  );
  const passed: Member[] = [];
  for (const [i, member] of sound.entries()) {
    const found = pass.members[i];
    const later = startsKnown && !found.untrained;
    const initCodes = later
      ? await encodeEvery(pass.stride, untrainedAs(member, found), sourceOf(member) ?? x, kernel, options)
      : found.untrained;
    passed.push({
      ...member,
      codes: found.codes,
      firing: { counts: found.firing, rows: x.rows },
      ...(found.fit ? { fit: found.fit } : {}),
      ...ofOthers(found, x.rows, pass.data),
      ...(initCodes ? { initCodes } : {}),
    });
  }
  const data = { ...pass.data, codeRows: pass.codeRows, stride: pass.stride };
  const fitted = await withOtherDimensionsFit(passed, x, data, signal);
  return { id, members: withSound(members, fitted), sound: fitted, data };
}

/** SAEs that are read anew for every block are worth blocks as large as they are. */
function rowsWorthReading(members: readonly Member[]): number | undefined {
  const shelved = members.filter(({ sae }) => isShelved(sae.encoder));
  if (shelved.length === 0) return undefined;
  return Math.max(leastRows, ...shelved.map(({ sae }) => dSae(sae)));
}

/** With how many rows each was counted on. */
function ofOthers(
  { ordinary, elsewhere }: PassedMember,
  all: number,
  { massive, places }: RowDescription,
): Pick<Member, 'ordinary' | 'elsewhere'> {
  const counted = ({ firing, fit }: OfOthers, rows: number) => ({
    firing: { counts: firing, rows },
    ...(fit ? { fit } : {}),
  });
  const some = all - (massive?.rows.length ?? 0);
  return {
    ...(ordinary ? { ordinary: counted(ordinary, some) } : {}),
    ...(elsewhere ? { elsewhere: counted(elsewhere, some - (places?.apart?.rows.length ?? 0)) } : {}),
  };
}

/** The SAE before training, where its architecture says how sparse it is; else that is known once the trained one has encoded. */
function untrainedAtOnce({ sae, init }: Member): Sae | undefined {
  return init && 'k' in sae.activation ? { ...sae, ...init } : undefined;
}

function untrainedAs({ sae, init }: Member, { codes }: PassedMember): Sae {
  return untrainedSae(sae, init as NonNullable<typeof init>, meanActive(codes));
}

function asRows(x: Matrix | ActivationRows): ActivationRows {
  return 'read' in x ? x : rowsOf(x);
}

function withSound(members: readonly Member[], sound: readonly Member[]): Member[] {
  const byId = new Map(sound.map((member) => [member.id, member]));
  return members.map((member) => byId.get(member.id) ?? member);
}

/** Members whose weights are all finite and whose training did not diverge, without initial weights that are not. */
export function soundMembers(members: readonly Member[]): Member[] {
  return members
    .filter((m) => m.training?.divergedAt === undefined && isSound(numerics(m.sae)))
    .map(withSoundInit);
}

export function isSound({ nan, inf }: Numerics): boolean {
  return nan + inf === 0;
}

function withSoundInit({ init, ...member }: Member): Member {
  return init && isSound(numerics(init)) ? { ...member, init } : member;
}

function requireSameRows(members: readonly Member[], rows: number): void {
  const wrong = members.find(({ codes }) => codes && codes.rows !== rows);
  if (!wrong) return;
  throw new ReseedError('input.shape', 'codes and activations differ in rows', {
    field: wrong.id,
    found: `${wrong.codes?.rows} rows of codes`,
    expected: `${rows}`,
  });
}

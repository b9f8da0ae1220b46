// Pickles as lists of operations, taken apart and put together again. Source: Python's pickletools.

export interface Operation {
  /** The opcode's byte as a character. */
  readonly code: string;
  /** What follows it, with its length where it has one. */
  readonly rest: Buffer;
}

/** How many bytes follow an opcode; or how many say how many; or how many lines. */
type Rest = number | { readonly counted: 1 | 4 | 8 } | { readonly lines: 1 | 2 };

const rests: Readonly<Record<string, Rest>> = {
  ...Object.fromEntries([...'Kqh\x80\x82'].map((code) => [code, 1])),
  ...Object.fromEntries([...'M\x83'].map((code) => [code, 2])),
  ...Object.fromEntries([...'Jjr\x84'].map((code) => [code, 4])),
  ...Object.fromEntries([...'G\x95'].map((code) => [code, 8])),
  ...Object.fromEntries([...'CU\x8a\x8c'].map((code) => [code, { counted: 1 }])),
  ...Object.fromEntries([...'BTX\x8b'].map((code) => [code, { counted: 4 }])),
  ...Object.fromEntries([...'\x8d\x8e\x96'].map((code) => [code, { counted: 8 }])),
  ...Object.fromEntries([...'FILPSVgp'].map((code) => [code, { lines: 1 }])),
  ...Object.fromEntries([...'ci'].map((code) => [code, { lines: 2 }])),
};

/** Every opcode there is. */
export const opcodes: readonly string[] = [
  ...'().012BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}',
  ...'\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98',
];

/** As far as it can be taken apart. */
export function operationsOf(pickle: Buffer): Operation[] {
  const found: Operation[] = [];
  for (let at = 0; at < pickle.length; ) {
    const code = String.fromCharCode(pickle[at]);
    const end = Math.min(pickle.length, at + 1 + restLength(pickle, at + 1, rests[code] ?? 0));
    found.push({ code, rest: pickle.subarray(at + 1, end) });
    at = end;
  }
  return found;
}

function restLength(pickle: Buffer, at: number, rest: Rest): number {
  if (typeof rest === 'number') return rest;
  if ('counted' in rest) {
    if (at + rest.counted > pickle.length) return rest.counted;
    return rest.counted + pickle.readUIntLE(at, Math.min(rest.counted, 6));
  }
  let end = at;
  for (let line = 0; line < rest.lines; line++) end = pickle.indexOf('\n', end) + 1 || pickle.length;
  return end - at;
}

export function pickleOf(operations: readonly Operation[]): Buffer {
  return Buffer.concat(operations.flatMap(({ code, rest }) => [Buffer.from(code, 'latin1'), rest]));
}

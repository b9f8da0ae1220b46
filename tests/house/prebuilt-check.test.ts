// What the check of prebuilt addons refuses, on a Mach-O file made by hand.
import { expect, it } from 'vitest';

const load = (file: string) => import(new URL(`../../kernel/prebuild/${file}`, import.meta.url).href);
const { problemsOf } = (await load('check.mjs')) as { problemsOf(bytes: Buffer, target: object): string[] };
const { targets } = (await load('targets.mjs')) as { targets: { key: string }[] };

const [inAddon, ofLibrary, ofLoader] = [
  { type: 0x0f, from: 0 },
  { type: 0x01, from: 1 },
  { type: 0x01, from: 0xfe },
];
const whole = {
  library: '/usr/lib/libSystem.B.dylib',
  oldest: 0x0b0000,
  signed: true,
  missing: 0,
  symbols: [
    { name: '_napi_register_module_v1', ...inAddon },
    { name: '_node_api_module_get_api_version_v1', ...inAddon },
    { name: '_malloc', ...ofLibrary },
    { name: '_napi_create_function', ...ofLoader },
  ],
};

function words(...values: number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

/** A library for arm64 with one command of each kind that is read. */
function machO({ library, oldest, signed, missing, symbols }: typeof whole): Buffer {
  const name = Buffer.concat([Buffer.from(library), Buffer.alloc(8 - (library.length % 8))]);
  const names = Buffer.from(`\0${symbols.map((symbol) => `${symbol.name}\0`).join('')}`);
  const sizes = [72, 24 + name.length, 24, 24, signed ? 16 : 0];
  const table = 32 + sizes.reduce((sum, size) => sum + size);
  const end = table + 16 * symbols.length + names.length;
  const segment = Buffer.alloc(72);
  words(0x19, 72).copy(segment);
  segment.writeBigUInt64LE(BigInt(end + missing), 48);
  const commands = [
    segment,
    Buffer.concat([words(0x0c, 24 + name.length, 24, 0, 0, 0), name]),
    words(2, 24, table, symbols.length, table + 16 * symbols.length, names.length),
    words(0x32, 24, 1, oldest, oldest, 0),
    ...(signed ? [words(0x1d, 16, end, 0)] : []),
  ];
  let at = 1;
  const entries = symbols.map((symbol) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(at);
    entry[4] = symbol.type;
    entry.writeUInt16LE(symbol.from << 8, 6);
    at += symbol.name.length + 1;
    return entry;
  });
  const header = words(0xfeedfacf, 0x0100000c, 0, 6, commands.length, table - 32, 0, 0);
  return Buffer.concat([header, ...commands, ...entries, names]);
}

function check(changes: Partial<typeof whole>, key = 'darwin-arm64'): string[] {
  return problemsOf(machO({ ...whole, ...changes }), targets.find((target) => target.key === key)!);
}

const without = (name: string) => whole.symbols.filter((symbol) => symbol.name !== name);

it.each([
  ['nothing amiss', {}, []],
  [
    'a symbol that is nowhere',
    { symbols: [...whole.symbols, { name: '_lost', ...ofLoader }] },
    ['needs lost, which is not of Node-API'],
  ],
  [
    'a library of another place',
    { library: '/opt/lib/libc++.1.dylib' },
    ['needs the library /opt/lib/libc++.1.dylib'],
  ],
  ['a newer system', { oldest: 0x0c0100 }, ['needs macos 12.1']],
  ['no signature', { signed: false }, ['not signed']],
  ['the end cut off', { missing: 1 }, ['cut short']],
  ['no entry for Node', { symbols: without('_napi_register_module_v1') }, ['lacks napi_register_module_v1']],
  ['no call of Node', { symbols: without('_napi_create_function') }, ['calls nothing of Node-API']],
  [
    'another export',
    { symbols: [...whole.symbols, { name: '___cxa_throw', ...inAddon }] },
    ['exports __cxa_throw'],
  ],
])('a file with %s', (_, changes, problems) => {
  expect(check(changes)).toEqual(problems);
});

it('refuses an addon of another CPU or system', () => {
  expect(check({}, 'darwin-x64')).toEqual(['mach-o for arm64, not mach-o for x64']);
  expect(check({}, 'linux-arm64')).toEqual(['mach-o for arm64, not elf for arm64']);
});

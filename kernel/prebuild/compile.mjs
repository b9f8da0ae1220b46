// Compiles the addon for one target with zig: the same bytes wherever and whenever it is done.
//
// C++'s library is linked in, and on Linux nothing but the two symbols that Node looks for is exported, so that it stays
// apart from the one that Node brings.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import nodeApi from 'node-api-headers';
import { kernelFolder, recipeFor } from '../recipe.mjs';
import { nodeApiSymbols, nodeLooksFor } from './node-api.mjs';
import { runZig } from './zig.mjs';

/** zig names architectures of ARM in `-mcpu` alone. */
const asZigSaysIt = (flag) =>
  flag.replace(/^-march=armv8\.(\d)-a/, (_, version) => `-mcpu=generic+v8_${version}a`);

/**
 * @param zig command, as an array
 * @param target one of targets.mjs
 * @param out folder for objects and the addon
 * @param options.each calls a function for each of a list, so many at a time as there is room for
 * @param options.sources a copy of the kernel's folder to build from
 * @returns path of the addon
 */
export async function compile(zig, target, out, { each, sources = kernelFolder }) {
  mkdirSync(out, { recursive: true });
  const { defines, includes, units } = recipeFor(target.arch);
  // Error messages of node-addon-api contain paths; relative ones are the same everywhere.
  const folders = [...includes, relative(kernelFolder, nodeApi.include_dir)];
  const common = [
    ...['-target', target.zig, '-g0', '-w', '-fno-sanitize=undefined'],
    ...folders.map((folder) => `-I${folder}`),
    ...defines.map((define) => `-D${define}`),
  ];
  const run = (...args) =>
    runZig(zig, args, {
      cwd: sources,
      env: { ...process.env, ZIG_LOCAL_CACHE_DIR: join(out, 'cache') },
    });
  const objects = units.map(({ source }) => join(out, `${source.replace(/\W/g, '-')}.o`));
  await each(units, ({ source, flags }, i) =>
    run('c++', ...flags.map(asZigSaysIt), ...common, '-c', source, '-o', objects[i]),
  );
  const addon = join(out, 'reseed.node');
  const link = (file, ...rest) =>
    run('c++', '-target', target.zig, '-shared', '-s', '-o', file, ...objects, ...rest);
  await linking[target.format]({ run, link, addon, target, out });
  return addon;
}

const linking = {
  async elf({ run, link, addon, target, out }) {
    const exportsOnly = join(out, 'exports.map');
    writeFileSync(exportsOnly, `{ global: ${nodeLooksFor.join('; ')}; local: *; };\n`);
    // Node unloads it when a worker thread ends, but code of its C++ library still runs when the process exits.
    await link(addon, `-Wl,--version-script=${exportsOnly}`, '-Wl,-z,nodelete');
    // Linked again, with a library of Node's functions: fails if any other symbol is undefined.
    const [source, library] = [join(out, 'node.c'), join(out, 'libnode.so')];
    writeFileSync(source, [...nodeApiSymbols].map((name) => `void ${name}(void) {}\n`).join(''));
    await run('cc', '-target', target.zig, '-shared', '-o', library, source);
    await link(join(out, 'complete.node'), library, '-Wl,-z,defs');
  },

  /** Undefined symbols are looked up when the addon is loaded; check.mjs sees them. */
  'mach-o': ({ link, addon }) =>
    link(addon, '-Wl,-undefined,dynamic_lookup', '-Wl,-install_name,@rpath/reseed.node'),

  /** On Windows every symbol names the file that it comes from; an undefined one is an error. */
  async pe({ run, link, addon, out }) {
    const library = join(out, 'node.lib');
    await run('dlltool', '-d', nodeApi.def_paths.node_api_def, '-l', library, '-m', 'i386:x86-64');
    await link(addon, library);
    // The linker writes the time, 8 bytes after the signature.
    const bytes = readFileSync(addon);
    bytes.writeUInt32LE(0, bytes.readUInt32LE(0x3c) + 8);
    writeFileSync(addon, bytes);
  },
};

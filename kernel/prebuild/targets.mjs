// The platforms that addons are built for: how Node and zig name them, and what they may ask of the system.
//
// `key` is the folder in prebuilds/, as kernel/load.cjs looks for it.
const macos = {
  format: 'mach-o',
  libraries: [/^\/usr\/lib\/libSystem\.B\.dylib$/],
  newest: { macos: '11.0' },
  // Its linker has no list of exports. The system takes one `operator new` and `delete` for all that offer them.
  alsoExports: /^(__dso_handle|_mh_dylib_header|_Z(nw|na|dl|da)\w+)$/,
};
const glibc = {
  format: 'elf',
  libraries: [/^lib(c|m|pthread|dl|rt)\.so\.\d$/, /^ld-linux-[\w-]+\.so\.\d$/],
  newest: { GLIBC: '2.28' },
};
const musl = {
  format: 'elf',
  libraries: [/^libc\.so$/],
  newest: {},
  // musl's symbols have no versions. Linking checks that each is there.
  unversioned: /^(?!napi_|node_)/,
};
const windows = {
  format: 'pe',
  libraries: [/^(kernel32|ntdll|advapi32|bcrypt\w*|msvcrt|ucrtbase|api-ms-win-[\w-]+)\.dll$/i],
  newest: {},
};

export const targets = [
  { key: 'linux-x64', arch: 'x64', zig: 'x86_64-linux-gnu.2.28', ...glibc },
  { key: 'linux-arm64', arch: 'arm64', zig: 'aarch64-linux-gnu.2.28', ...glibc },
  { key: 'linux-x64-musl', arch: 'x64', zig: 'x86_64-linux-musl', ...musl },
  { key: 'linux-arm64-musl', arch: 'arm64', zig: 'aarch64-linux-musl', ...musl },
  { key: 'darwin-x64', arch: 'x64', zig: 'x86_64-macos.11.0', ...macos },
  { key: 'darwin-arm64', arch: 'arm64', zig: 'aarch64-macos.11.0', ...macos },
  { key: 'win32-x64', arch: 'x64', zig: 'x86_64-windows-gnu', ...windows },
];

// The platforms that wheels are made for: how the addon, resvg and pip name them.
export const platforms = [
  { key: 'linux-x64', resvg: 'linux-x64-gnu', tag: 'manylinux_2_28_x86_64' },
  { key: 'linux-arm64', resvg: 'linux-arm64-gnu', tag: 'manylinux_2_28_aarch64' },
  { key: 'linux-x64-musl', resvg: 'linux-x64-musl', tag: 'musllinux_1_2_x86_64' },
  { key: 'linux-arm64-musl', resvg: 'linux-arm64-musl', tag: 'musllinux_1_2_aarch64' },
  { key: 'darwin-x64', resvg: 'darwin-x64', tag: 'macosx_11_0_x86_64' },
  { key: 'darwin-arm64', resvg: 'darwin-arm64', tag: 'macosx_11_0_arm64' },
  { key: 'win32-x64', resvg: 'win32-x64-msvc', tag: 'win_amd64' },
];

/** Of an addon that was compiled here, which asks for the system that it was compiled on. */
export const localTag = { 'linux-x64': 'linux_x86_64', 'linux-arm64': 'linux_aarch64' };

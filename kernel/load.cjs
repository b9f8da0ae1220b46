// Finds and loads the addon: the one that was compiled here, else the prebuilt one of this platform.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { version } = require('../package.json');

/** Folder in prebuilds/ for the running Node: platform, CPU, and on Linux the C library. */
function platformKey() {
  const key = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return key;
  const { report } = process;
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { glibcVersionRuntime } = report.getReport().header;
  report.excludeNetwork = before;
  return glibcVersionRuntime ? key : `${key}-musl`;
}

function prebuiltFolder() {
  return join(__dirname, '..', 'prebuilds', platformKey());
}

/**
 * The addon, and whether it is a prebuilt one; or in a few words why there is none.
 * @param build the folder of kernel/build that it must come from ("Debug" has the sanitizers), or "prebuilt"
 * @returns {{ addon: object, prebuilt: boolean } | { problem: string }}
 */
function loadAddon(build = process.env.RESEED_KERNEL_BUILD) {
  const compiled = () => join(__dirname, 'build', build || 'Release', 'reseed.node');
  const prebuilt = () => join(prebuiltFolder(), 'reseed.node');
  const places = build === 'prebuilt' ? [prebuilt] : build ? [compiled] : [compiled, prebuilt];
  let problem = 'the native addon is not built';
  for (const place of places) {
    const file = place();
    if (!existsSync(file)) continue;
    try {
      const addon = require(file);
      if (addon.version === version) return { addon, prebuilt: place === prebuilt };
      problem = `the native addon is of version ${addon.version}, not ${version}`;
    } catch (error) {
      problem = `the native addon does not load (${error.message.split('\n')[0]})`;
    }
  }
  return { problem };
}

module.exports = { loadAddon, platformKey, prebuiltFolder };

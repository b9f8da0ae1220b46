// Says whether the addon that was built beforehand works here; a process of its own, since a wrong one may end it.
//
// Every code path multiplies two small matrices. Prints what is wrong, if anything, and exits with 1.
'use strict';
const { loadAddon } = require('./load.cjs');

async function problemOf({ addon, problem }) {
  if (!addon) return problem;
  const a = { rows: 2, cols: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  for (const path of addon.paths) {
    const out = new Float32Array(4);
    await addon.multiply({ threads: 2, path, stop: new Int32Array(1) }, { a, b: a, out });
    if (String(out) !== '14,32,32,77') return `code path ${path} multiplies wrongly`;
  }
  return '';
}

problemOf(loadAddon('prebuilt')).then((problem) => {
  if (problem) console.log(problem);
  process.exitCode = problem ? 1 : 0;
});

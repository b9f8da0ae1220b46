// Says whether the addon works here: every code path multiplies two small matrices, on a worker thread that then ends.
//
// A process of its own, since a wrong addon may end it. Prints what is wrong, if anything, and exits with 1. The argument
// says which addon, as for load.cjs.
'use strict';
const { Worker, isMainThread } = require('node:worker_threads');
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

if (isMainThread) {
  new Worker(__filename, { argv: process.argv.slice(2) }).on('exit', (code) => {
    process.exitCode = code;
  });
} else {
  problemOf(loadAddon(process.argv[2])).then((problem) => {
    if (problem) console.log(problem);
    process.exitCode = problem ? 1 : 0;
  });
}

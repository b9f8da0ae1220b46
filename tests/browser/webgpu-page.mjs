// Runs in the page of webgpu.test.ts, which serves it beside dist/: the pairs that the screen lists there.
import { findAdapter, openDevice } from '/kernel/webgpu/open.js';
import { webgpuScreen } from '/kernel/webgpu/screen.js';

/** The adapter's name and the pairs [row, column] for the two best of rows and columns, or why there is no adapter. */
window.listPairs = async ({ a, b }) => {
  const found = await findAdapter();
  if ('problem' in found) return found;
  const screen = webgpuScreen(await openDevice(found), found.name);
  const matrix = (m) => ({ rows: m.length, cols: m[0].length, data: Float32Array.from(m.flat()) });
  const pairs = [];
  const query = { a: matrix(a), b: matrix(b), m: 2, by: 'both', of: 'rows and columns' };
  for await (const { from, pairs: listed } of screen.list(query)) {
    for (let i = 0; i + 1 < listed.offsets.length; i++) {
      for (let e = listed.offsets[i]; e < listed.offsets[i + 1]; e++)
        pairs.push([from + i, listed.partners[e]]);
    }
  }
  screen.close();
  return { name: found.name, pairs };
};

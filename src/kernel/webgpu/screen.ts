// The screen of WebGPU: strips of hits as the lists that are settled on the CPU.
import type { ListedPairs } from '../listed-products.js';
import type { Screen } from '../screened/screen.js';
import type { ScreenDevice } from './device.js';
import { Strips } from './strips.js';

/** @param name of the adapter, for people */
export function webgpuScreen(device: ScreenDevice, name: string): Screen {
  return {
    name,
    async *list(query, { signal } = {}) {
      const { rows } = query.a;
      if (rows === 0) return;
      if (query.b.rows === 0) {
        yield { from: 0, to: rows, pairs: byRow([], rows) };
        return;
      }
      const strips = new Strips(device, query);
      try {
        for await (const { from, to, parts } of strips.run(signal)) {
          yield { from, to, pairs: byRow(parts, to - from) };
        }
      } finally {
        strips.close();
      }
    },
    close: () => device.close(),
  };
}

/** Hits (row, column) in any order, as the partners of each row. */
function byRow(parts: readonly Uint32Array[], rows: number): ListedPairs {
  const offsets = new Int32Array(rows + 1);
  for (const part of parts) for (let e = 0; e < part.length; e += 2) offsets[part[e] + 1]++;
  for (let i = 0; i < rows; i++) offsets[i + 1] += offsets[i];
  const partners = new Int32Array(offsets[rows]);
  const next = offsets.slice(0, rows);
  for (const part of parts) {
    for (let e = 0; e < part.length; e += 2) partners[next[part[e]]++] = part[e + 1];
  }
  return { offsets, partners };
}

// Best matches and co-firing, done by the addon.
import type { Matrix, SparseCodes } from '../../tensor/index.js';
import { requireFinite, requireSameRows, requireSameWidth } from '../arguments.js';
import type { Best, BestMatches, Kernel } from '../interface.js';
import type { Call, RunOptions } from './calls.js';

export interface MatchingAddon {
  bestMatches(run: RunOptions, a: Matrix, b: Matrix, out: BestMatches): Promise<void>;
  coFiring(run: RunOptions, a: SparseCodes, b: SparseCodes, out: BestMatches): Promise<void>;
}

function bestTable(n: number): Best {
  return {
    index: new Int32Array(n),
    value: new Float64Array(n),
    secondIndex: new Int32Array(n),
    secondValue: new Float64Array(n),
  };
}

function matchTables(rowsA: number, rowsB: number): BestMatches {
  const both = (n: number) => ({ signed: bestTable(n), abs: bestTable(n) });
  return { aToB: both(rowsA), bToA: both(rowsB) };
}

export function nativeMatching(addon: MatchingAddon, call: Call): Pick<Kernel, 'bestMatches' | 'coFiring'> {
  return {
    async bestMatches(a, b, options) {
      requireSameWidth(a, b);
      requireFinite('a', a);
      requireFinite('b', b);
      const out = matchTables(a.rows, b.rows);
      await call(options, (run) => addon.bestMatches(run, a, b, out));
      return out;
    },

    async coFiring(a, b, options) {
      requireSameRows(a, b);
      const out = matchTables(a.features, b.features);
      await call(options, (run) => addon.coFiring(run, a, b, out));
      return out;
    },
  };
}

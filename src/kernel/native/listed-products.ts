// Exact products of listed pairs, done by the addon.
import type { Matrix } from '../../tensor/index.js';
import { type ListedPairs, type ListedProductsKernel, requireListed } from '../listed-products.js';
import type { Call, RunOptions } from './calls.js';

export interface ListedProductsAddon {
  listedProducts(run: RunOptions, job: ListedProductsJob): Promise<void>;
}

interface ListedProductsJob extends ListedPairs {
  readonly a: Matrix;
  readonly b: Matrix;
  /** [pairs] result */
  readonly out: Float64Array;
}

export function nativeListedProducts(addon: ListedProductsAddon, call: Call): ListedProductsKernel {
  return {
    async listedProducts(a, b, pairs, options) {
      requireListed(a, b, pairs, options);
      const out = new Float64Array(pairs.partners.length);
      await call(options, (run) => addon.listedProducts(run, { a, b, ...pairs, out }));
      return out;
    },
  };
}

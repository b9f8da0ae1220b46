// How far a consensus is, by what its parts cost beside each other, in multiply-adds.
import { dSae, type Sae } from '../../sae/sae.js';
import { type Listener, StageMeter } from '../progress.js';
import { type ConsensusPart, consensusParts } from './consensus.js';

const names: Record<ConsensusPart, string> = {
  encoding: 'encoding',
  families: 'families',
  rest: 'the rest',
  refit: 'fitting the dictionary',
  'held-out': 'held-out rows',
  'refit-cut': 'fitting the best cut',
};

export class ConsensusMeter {
  readonly #meter: StageMeter;
  readonly #begins = new Map<ConsensusPart, { readonly begin: number; readonly length: number }>();

  /** @param rows of the activations, 0 without @param steps of fitting */
  constructor(listen: Listener, saes: readonly { readonly sae: Sae }[], rows: number, steps: number) {
    const widths = saes.map(({ sae }) => dSae(sae));
    const all = widths.reduce((sum, width) => sum + width, 0);
    const d = saes[0].sae.decoder.cols;
    const pairs = (all ** 2 - widths.reduce((sum, width) => sum + width ** 2, 0)) / 2;
    const mean = all / saes.length;
    const fitting = rows > 0 ? steps * 256 * 4 * mean : 0;
    const costs: Record<ConsensusPart, number> = {
      encoding: rows * all,
      families: 2 * pairs,
      rest: 2048 * 3 * mean * saes.length,
      refit: fitting,
      'held-out': Math.min(rows / 5, 4096) * 4 * all,
      'refit-cut': fitting,
    };
    let total = 0;
    for (const part of consensusParts) {
      this.#begins.set(part, { begin: total, length: costs[part] * d });
      total += costs[part] * d;
    }
    this.#meter = new StageMeter(listen, 'consensus', Math.max(total, Number.MIN_VALUE));
  }

  /** A part has begun, or so much of it is done. */
  at(part: ConsensusPart, share: number): void {
    const { begin, length } = this.#begins.get(part)!;
    this.#meter.reach(begin + share * length);
    this.#meter.at(names[part]);
  }
}

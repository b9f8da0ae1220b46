// Two decoders alone give the numbers of a whole comparison, to the last bit, and what cannot be compared is refused by name.
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from '../../src/compare/compare.js';
import { compareDecoders, type DecoderSide } from '../../src/compare/compare-decoders.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { createScreenedKernel } from '../../src/kernel/screened/index.js';
import { selectKernel } from '../../src/kernel/select.js';
import type { Sae } from '../../src/sae/sae.js';
import { fromRows } from '../../src/tensor/index.js';
import { noisyScreen } from '../contracts/reference-screen.js';
import { planted, plantedSae } from '../study/planted-saes.js';

const kernel = createPortableKernel({ threads: 1 });
const native = selectKernel({ threads: 2 });
afterAll(async () => {
  await kernel.close();
  await native.close();
});

/** Some decoder rows without a direction. */
function withoutRows(sae: Sae, rows: readonly number[]): Sae {
  const { decoder } = sae;
  const data = decoder.data.slice();
  for (const i of rows) data.fill(0, i * decoder.cols, (i + 1) * decoder.cols);
  return { ...sae, decoder: { ...decoder, data } };
}

const pairs: Record<string, readonly [Sae, Sae]> = {
  'of one width': [plantedSae(0), plantedSae(1)],
  'of two widths, the wider first': [plantedSae(0, { ...planted, features: 60 }), plantedSae(1)],
  'with rows without a direction': [withoutRows(plantedSae(0), [0, 7]), withoutRows(plantedSae(1), [47])],
};

describe.each(Object.entries(pairs))('two SAEs %s', (_, [a, b]) => {
  it('have the scores, levels of chance and partners of compare', async () => {
    const { results, features } = await compare(
      [
        { id: 'a', sae: a },
        { id: 'b', sae: b },
      ],
      { kernel: native },
    );
    const { metrics } = results.groups[0];
    const screened = createScreenedKernel(kernel, noisyScreen(), { worth: 0 });
    for (const by of [kernel, screened]) {
      const found = await compareDecoders(
        { id: 'a', decoder: a.decoder },
        { id: 'b', decoder: b.decoder },
        by,
      );
      expect(found.metrics.map(({ id }) => id)).toEqual([
        'decoder.max',
        'decoder.matched',
        'decoder.matched.abs',
      ]);
      for (const { id, pairs: scored, mean, null: chance, corrected } of found.metrics) {
        const whole = metrics[id];
        expect({ scored, mean, chance, corrected }).toEqual({
          scored: whole?.pairs,
          mean: whole?.mean,
          chance: whole?.null,
          corrected: whole?.corrected,
        });
      }
      for (const side of [found.a, found.b]) expect(tableOf(side)).toEqual(tableIn(features, side.id));
    }
  });
});

const columns = [
  'features',
  'partner',
  'cosine',
  'margin',
  'mutual',
  'assigned',
  'assignedCosine',
] as const satisfies readonly (keyof DecoderSide)[];

type Tables = Awaited<ReturnType<typeof compare>>['features'];

function tableOf(side: Pick<DecoderSide, (typeof columns)[number]> & { readonly norm?: Float64Array }) {
  return { norm: side.norm, ...Object.fromEntries(columns.map((name) => [name, side[name]])) };
}

function tableIn(features: Tables, sae: string) {
  const table = features?.matches.find((one) => one.sae === sae);
  const norm = features?.summaries.find((one) => one.sae === sae)?.norm;
  return table && tableOf({ ...table, ...(norm ? { norm } : {}) });
}

describe('what cannot be compared', () => {
  const refusal = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
    compareDecoders(
      { id: 'a.npy', decoder: fromRows(a) },
      { id: 'b.npy', decoder: fromRows(b) },
      kernel,
    ).then(
      () => 'compared',
      (error) => error.message,
    );

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('is named: %s', async (_, value) => {
    expect(
      await refusal(
        [[1, 0]],
        [
          [1, 0],
          [0, value],
        ],
      ),
    ).toBe(
      `b.npy, feature 1, coordinate 1: a weight of the decoder is not finite; found ${value}; expected finite numbers`,
    );
  });

  it('is named: other widths, no direction at all', async () => {
    expect(await refusal([[1, 0]], [[1, 0, 0]])).toMatch(
      /b\.npy: .*found d = 3; expected d = 2, as in a\.npy/,
    );
    expect(await refusal([[0, 0]], [[1, 0]])).toMatch(/a\.npy, decoder: no decoder row has a direction/);
  });
});

// The shipped transformers do what their cards say.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../../src/activations/transformer/capture.js';
import {
  loadTransformer,
  loadTransformerCard,
  shippedPath,
} from '../../src/activations/transformer/shipped.js';
import { splitPairs } from '../../src/activations/transformer/split.js';

describe.each([2, 3] as const)('the %i-layer model', (layers) => {
  it('answers the pairs it never saw as well as its card says', async () => {
    const [model, card] = [await loadTransformer(layers), await loadTransformerCard(layers)];
    expect(model.config).toEqual(card.config);
    expect(card.config.layers).toBe(layers);
    const { heldOut, train } = splitPairs(model.config, card.seed);
    expect(heldOut).toHaveLength(card.heldOutPairs);
    expect(card.heldOutPairs / (heldOut.length + train.length)).toBeCloseTo(0.3, 3);
    expect(card.heldOutAccuracy).toBeGreaterThanOrEqual(0.995);
    expect(await accuracy(model, heldOut)).toBe(card.heldOutAccuracy);
  });

  it('is the file that the card was written for', async () => {
    const card = await loadTransformerCard(layers);
    const bytes = await readFile(shippedPath(layers, 'safetensors'));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.sha256);
    expect(card.command).toContain(`--layers ${layers} --seed ${card.seed}`);
  });
});

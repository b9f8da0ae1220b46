// The plain forward pass agrees with the jax-js one, and a row depends on its own input alone, to the last bit.
import { describe, expect, it } from 'vitest';
import { captureActivations } from '../../src/activations/transformer/capture.js';
import {
  positions,
  type SiteName,
  siteId,
  sitePositions,
  tokensOf,
} from '../../src/activations/transformer/config.js';
import { prepare, type Runner } from '../../src/activations/transformer/forward.js';
import { initTransformer } from '../../src/activations/transformer/init.js';
import { loadJax } from '../../src/activations/transformer/jax.js';
import { jaxForward, jaxLoss, jaxWeights } from '../../src/activations/transformer/jax-forward.js';
import { loadTransformer } from '../../src/activations/transformer/shipped.js';
import { row } from '../../src/tensor/matrix.js';

const small = { modulus: 11, layers: 2, dModel: 12, heads: 3, dMlp: 20 };
const names = Object.keys(sitePositions) as SiteName[];

/** Logits and residual stream of one input on its own: X by site name. */
function alone(runner: Runner, n: number): { logits: Float64Array; sites: Map<string, Float32Array> } {
  const { modulus } = runner.config;
  const sites = new Map<string, Float32Array>();
  const logits = runner.run(Math.floor(n / modulus), [n % modulus], (layer, position, x) => {
    sites.set(siteId({ layer, site: names[position] }), Float32Array.from(x));
  });
  return { logits, sites };
}

describe.each([
  ['a fresh small model', async () => initTransformer(small, 7)],
  ['the shipped 2-layer model', () => loadTransformer(2)],
  ['the shipped 3-layer model', () => loadTransformer(3)],
] as const)('%s', (_, load) => {
  it('gives the logits and residuals of jax-js within 1e-4', async () => {
    const model = await load();
    const { config } = model;
    const { modulus, dModel, layers } = config;
    const jax = await loadJax();
    const pairs = Int32Array.from({ length: 64 }, (_, i) => (i * 199) % modulus ** 2);
    const tokens = jax.numpy.array(tokensOf(config, pairs), { shape: [pairs.length, positions] });
    const peer = jaxForward(jax, config, jaxWeights(jax, model), tokens);
    const peerLogits = (await peer.logits.data()) as Float32Array;
    const peerResiduals: ArrayLike<number>[] = await Promise.all(peer.residuals.map((x) => x.data()));
    const runner = prepare(model);
    let worst = 0;
    pairs.forEach((n, i) => {
      const { logits, sites } = alone(runner, n);
      logits.forEach((value, j) => {
        worst = Math.max(worst, Math.abs(value - peerLogits[i * modulus + j]));
      });
      expect(sites.size).toBe(layers * positions);
      peerResiduals.forEach((residual, layer) => {
        names.forEach((site, position) => {
          sites.get(siteId({ layer, site }))!.forEach((value, j) => {
            worst = Math.max(worst, Math.abs(value - residual[(i * positions + position) * dModel + j]));
          });
        });
      });
    });
    expect(worst).toBeLessThan(1e-4);
    expect(worst).toBeGreaterThan(0);
  });
});

it('the loss that training lowers is the cross-entropy of these logits', async () => {
  const model = initTransformer(small, 3);
  const jax = await loadJax();
  const pairs = Int32Array.from([0, 17, 60, 120]);
  const { modulus } = small;
  const targets = new Float32Array(pairs.length * modulus);
  const runner = prepare(model);
  let expected = 0;
  pairs.forEach((n, i) => {
    const answer = (Math.floor(n / modulus) + (n % modulus)) % modulus;
    targets[i * modulus + answer] = 1;
    const { logits } = alone(runner, n);
    const total = logits.reduce((s, v) => s + Math.exp(v), 0);
    expected += (Math.log(total) - logits[answer]) / pairs.length;
  });
  const tokens = jax.numpy.array(tokensOf(small, pairs), { shape: [pairs.length, positions] });
  const oneHot = jax.numpy.array(targets, { shape: [pairs.length, modulus] });
  const loss = await jaxLoss(jax, small, jaxWeights(jax, model), tokens, oneHot).data();
  expect(loss[0]).toBeCloseTo(expected, 5);
});

describe('captured activations', () => {
  const sites = [0, 1].flatMap((layer) => names.map((site) => ({ layer, site })));

  it('hold, row by row and bit by bit, what each input gives alone', async () => {
    const model = initTransformer(small, 1);
    const captured = await captureActivations(model, sites);
    expect([...captured.keys()]).toEqual(sites.map(siteId));
    const runner = prepare(model);
    for (let n = 0; n < small.modulus ** 2; n++) {
      const single = alone(runner, n).sites;
      for (const [id, x] of captured) expect(row(x, n)).toEqual(single.get(id));
    }
  });

  it('have modulus distinct rows at `+`, one at BOS, and one per input at `=`', async () => {
    const captured = await captureActivations(initTransformer(small, 1), sites);
    const distinct = (id: string) => {
      const x = captured.get(id)!;
      return new Set(Array.from({ length: x.rows }, (_, n) => row(x, n).join())).size;
    };
    expect(distinct('layer0.bos')).toBe(1);
    for (const id of ['layer0.a', 'layer0.plus', 'layer1.plus']) expect(distinct(id)).toBe(11);
    for (const id of ['layer0.b', 'layer1.equals']) expect(distinct(id)).toBe(121);
  });

  it('of the shipped model too: row n at `+` depends on a alone', async () => {
    const model = await loadTransformer(2);
    const { modulus } = model.config;
    const runner = prepare(model);
    const rows = Array.from({ length: 2 * modulus }, (_, i) => {
      const n = (i % modulus) * modulus + ((i * 31) % modulus);
      return alone(runner, n).sites.get('layer1.plus')!.join();
    });
    expect(new Set(rows).size).toBe(modulus);
  });

  it('come with progress, let other work in between, and stop when cancelled', async () => {
    const model = initTransformer(small, 1);
    const shares: number[] = [];
    let turns = 0;
    const ticking = setInterval(() => turns++, 0);
    await captureActivations(model, sites, { onProgress: (share) => shares.push(share) });
    clearInterval(ticking);
    expect(shares).toEqual(Array.from({ length: 11 }, (_, a) => (a + 1) / 11));
    expect(turns).toBeGreaterThan(0);
    const stop = new AbortController();
    const cancelled = captureActivations(model, sites, {
      signal: stop.signal,
      onProgress: (share) => share > 0.5 && stop.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'internal.cancelled' });
  });

  it('are refused for a layer that the model does not have', async () => {
    const asked = captureActivations(initTransformer(small, 1), [{ layer: 2, site: 'plus' }]);
    await expect(asked).rejects.toThrow(
      'layer2.plus: the transformer has no such layer; found layer 2; expected 0 … 1',
    );
  });
});

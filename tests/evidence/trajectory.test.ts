// Agreement over training, of SAEs that are really trained: on one world, for long and not for long, and on worlds apart.
import { afterAll, describe, expect, it } from 'vitest';
import { plantedWorld } from '../../src/activations/planted.js';
import {
  judgeTrajectory,
  measureTrajectory,
  type Snapshot,
  type TrajectoryPoint,
} from '../../src/diagnosis/index.js';
import type { Key } from '../../src/keep.js';
import { selectKernel } from '../../src/kernel/select.js';
import { activationMax, decoderMatched, decoderMax } from '../../src/metrics/index.js';
import { rowPermutationNull } from '../../src/metrics/nulls/row-permutation.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import type { Member } from '../../src/sae/member.js';
import type { Sae } from '../../src/sae/sae.js';
import { mean } from '../../src/stats/index.js';
import { train } from '../../src/training/loop.js';
import { plain } from '../../src/training/recipes/plain.js';
import { startState, weightsOf } from '../../src/training/state.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

const world = {
  features: 64,
  dModel: 48,
  rows: 1024,
  active: 4,
  firing: 'exactly',
  zipf: 0,
  noise: 0.3,
  seed: 2,
} as const;
const seeds = [1, 2, 3, 4];
const k = 4;

/** Snapshots of three SAEs after a power of two of epochs each, and after the last; an epoch has eight steps. */
async function snapshots(overlap: number, epochs: number): Promise<Snapshot[]> {
  const found = new Map<number, { loss: number[]; members: Member[] }>();
  for (const seed of seeds) {
    const { x } = plantedWorld({ ...world, overlap }, seed);
    const init = plain.init(seed, world.dModel, world.features);
    const state = startState(init);
    const plan = {
      sae: { architecture: 'topk', dSae: world.features, k },
      recipe: plain,
      epochs,
      batchSize: 128,
      learningRate: 1e-2,
    } as const;
    await train(x, [{ id: `s${seed}`, orderSeed: seed, state }], plan, kernel, {
      onEpoch: async (_, epoch) => {
        if (!Number.isInteger(Math.log2(epoch)) && epoch !== epochs) return;
        const weights = weightsOf(state);
        const sae: Sae = {
          encoder: { ...weights.encoder, data: weights.encoder.data.slice() },
          encoderBias: weights.encoderBias.slice(),
          decoder: { ...weights.decoder, data: weights.decoder.data.slice() },
          decoderBias: weights.decoderBias.slice(),
          architecture: 'topk',
          activation: { kind: 'topk', k, relu: false },
          subtractDecoderBias: false,
        };
        const codes = await encode(sae, x, kernel);
        const at = found.get(8 * epoch) ?? { loss: [], members: [] };
        at.loss.push(measureFit(sae, x, codes).mse);
        at.members.push({ id: `s${seed}`, sae, codes, init });
        found.set(8 * epoch, at);
      },
    });
  }
  return [...found].map(([step, { loss, members }]) => ({ step, members, loss: mean(loss) }));
}

const options = { kernel, seed: 0, draws: 5 };
const verdicts = (points: readonly TrajectoryPoint[]) =>
  (['decoder.max.live', 'activation.max.live'] as const).map((id) => judgeTrajectory(id, points)?.verdict);

describe('measureTrajectory', () => {
  it('of one world: not finished when it stops early, settled in the end', async () => {
    const points = await measureTrajectory('one', await snapshots(1, 512), options);
    expect(verdicts(points.filter(({ step }) => step <= 8 * 16))).toEqual(['unfinished', 'unfinished']);
    expect(verdicts(points)).toEqual(['settled', 'settled']);
    const [first, last] = [points[0], points.at(-1)!];
    expect(first.metrics['decoder.matched']!.corrected).toBeLessThan(0.1);
    expect(last.metrics['decoder.matched']!.corrected).toBeGreaterThan(0.75);
    expect(first.initCosine).toBeGreaterThan(0.9);
    expect(last.initCosine).toBeLessThan(0.3);
    expect(last.loss).toBeLessThan(0.2 * first.loss!);
  });

  it('of worlds that have nothing in common: never, however long', async () => {
    const points = await measureTrajectory('apart', await snapshots(0, 512), options);
    expect(verdicts(points)).toEqual(['never', 'never']);
    expect(judgeTrajectory('decoder.matched', points)?.verdict).toBe('never');
  });

  it('measures at each step what the metrics and their nulls give by themselves', async () => {
    const { x } = plantedWorld({ ...world, overlap: 1 }, 0);
    const shots = (await snapshots(1, 2)).map(({ step, members }) => ({ step, members }));
    const points = await measureTrajectory('same', shots, options, x);
    expect(points.map(({ step }) => step)).toEqual([8, 16]);
    for (const [i, { members }] of shots.entries()) {
      const { metrics, loss } = points[i];
      expect(metrics['decoder.max']!.pairs).toEqual((await decoderMax(members, kernel))!.pairs);
      expect(metrics['decoder.matched']!.pairs).toEqual((await decoderMatched(members, kernel))!.pairs);
      const live = (await activationMax(members, kernel, { live: true }))!;
      expect(metrics['activation.max.live']!.pairs).toEqual(live.pairs);
      const { live: permuted } = (await rowPermutationNull(members, options))!;
      expect(metrics['activation.max.live']!.null).toEqual(permuted);
      expect(loss).toBeCloseTo(mean(members.map(({ sae, codes }) => measureFit(sae, x, codes!).mse)), 12);
    }
    // Directions have the same null at every step.
    expect(points[1].metrics['decoder.matched']!.null).toEqual(points[0].metrics['decoder.matched']!.null);
  });

  it('recalls every part, and draws the nulls of directions once', async () => {
    const shots = await snapshots(1, 2);
    const kept = new Map<string, unknown>();
    const computed: string[] = [];
    const keep = async <T>(key: Key, compute: () => Promise<T>): Promise<T> => {
      const name = JSON.stringify(key);
      if (!kept.has(name)) {
        computed.push(name);
        kept.set(name, structuredClone(await compute()));
      }
      return kept.get(name) as T;
    };
    const first = await measureTrajectory('kept', shots, { ...options, keep });
    const parts = computed.length;
    expect(await measureTrajectory('kept', shots, { ...options, keep })).toEqual(first);
    expect(computed).toHaveLength(parts);
    expect(new Set(computed).size).toBe(parts);
    expect(computed.filter((key) => key.startsWith('["shape","one-to-one",'))).toHaveLength(1);
    expect(await measureTrajectory('kept', shots, options)).toEqual(first);
  });

  it('measures every metric where asked, and does without an SAE that is not finite', async () => {
    const shots = (await snapshots(1, 1)).map(({ step, members }) => ({ step, members }));
    const [{ members }] = shots;
    members[3].sae.decoder.data[5] = Number.NaN;
    const [point] = await measureTrajectory('every', shots, { ...options, every: true });
    expect(point.metrics['encoder.matched']).toBeDefined();
    expect(point.metrics['decoder.max']!.otherNulls!.map(({ kind }) => kind)).toContain('own-init');
    expect(point.metrics['decoder.max']!.pairs).toHaveLength(3);
    expect(point.loss).toBeUndefined();
  });

  it('without codes or starts has what is left, and with one SAE no score', async () => {
    const [{ members }] = await snapshots(1, 1);
    const bare = members.map(({ id, sae }) => ({ id, sae }));
    const [some] = await measureTrajectory('bare', [{ step: 8, members: bare }], options);
    expect(Object.keys(some.metrics)).toEqual(['decoder.max', 'decoder.matched']);
    expect(some.initCosine).toBeUndefined();
    const [none] = await measureTrajectory('one', [{ step: 8, members: members.slice(1, 2) }], options);
    expect(none.metrics).toEqual({});
  });

  it('refuses steps that do not ascend', async () => {
    const shot = { step: 4, members: [] };
    await expect(measureTrajectory('x', [shot, shot], options)).rejects.toMatchObject({
      code: 'usage.argument',
      details: { found: 'step 4 after step 4' },
    });
  });
});

// A study of planted worlds, from its file to its results: who reads which world, and what is said of the truth.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { plantedWorld } from '../../src/activations/planted.js';
import { selectKernel } from '../../src/kernel/select.js';
import { readResults } from '../../src/results/read-results.js';
import type { Results } from '../../src/results/results.js';
import { encode } from '../../src/sae/encode.js';
import { measureFit } from '../../src/sae/fit.js';
import { openSae } from '../../src/sae/open-sae.js';
import { parseStudy } from '../../src/study/config.js';
import { planStudy } from '../../src/study/plan.js';
import { runStudy } from '../../src/study/run.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

const text = `name: planted
activations:
  planted: { features: 24, dModel: 16, rows: 512, active: 3, overlap: [0, 1], seed: 5 }
sae: { architecture: topk, dSae: 24, k: 3 }
training: { recipe: plain, epochs: 30, batchSize: 32, learningRate: 0.01 }
variants:
  - { name: clear }
  - { name: noisy, activations: { planted: { noise: 0.5 } } }
seeds: { init: [1, 2, 3] }
analysis: { draws: 2 }
`;

async function written(content: string): Promise<{ file: string; out: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-'));
  const file = join(folder, 'study.yaml');
  await writeFile(file, content);
  return { file, out: join(folder, 'out') };
}

describe('groups', () => {
  it('are worlds times settings, and variants have worlds of their own', () => {
    const { groups } = planStudy(parseStudy(text, 'study.yaml'), false);
    expect(groups.map(({ id }) => id)).toEqual([
      'planted.overlap0.clear',
      'planted.overlap0.noisy',
      'planted.overlap1.clear',
      'planted.overlap1.noisy',
    ]);
    expect(groups[3].site).toMatchObject({ site: 'overlap 1', plan: { noise: 0.5, overlap: 1 } });
    expect(groups[2].site).toMatchObject({ plan: { noise: 0, overlap: 1 } });
  });

  it('of variants that differ in nothing are refused, and so are worlds for other activations', () => {
    const same = text
      .replace('noise: 0.5', 'noise: 0.5, active: 3')
      .replace('{ name: clear }', '{ name: clear, activations: { planted: { noise: 0.5, active: 3 } } }');
    expect(() => parseStudy(same, 's.yaml')).toThrow(/variants: clear and noisy have the same settings/);
    const other = text
      .replace(/planted: \{.*seed: 5 \}/, 'transformer: 2, layers: [0], sites: [plus]')
      .replace('activations:\n  tr', 'activations: { tr')
      .replace('[plus]', '[plus] }');
    expect(() => parseStudy(other, 's.yaml')).toThrow(/variants\.1\.activations: only planted activations/);
  });
});

it('worlds that cannot be are refused with the key', async () => {
  const { file, out } = await written(text.replace('active: 3', 'active: 30'));
  await expect(runStudy({ file, out, kernel })).rejects.toThrow(
    /study\.yaml, activations\.planted\.active: no such planted world; found 30; expected above 0, at most 24/,
  );
});

describe('a run', () => {
  const done = written(text).then(async (at) => ({
    ...at,
    results: (await runStudy({ ...at, kernel })) as Results,
  }));

  it('trains each SAE on the world of its init seed', async () => {
    const { out } = await done;
    const plan = {
      features: 24,
      dModel: 16,
      rows: 512,
      active: 3,
      firing: 'exactly',
      zipf: 0,
      noise: 0,
      overlap: 0,
      seed: 5,
    } as const;
    const errors: number[][] = [];
    for (const seed of [1, 2, 3]) {
      const { sae } = await openSae(join(out, 'saes', `planted.overlap0.clear.seed${seed}`));
      const row: number[] = [];
      for (const world of [1, 2, 3]) {
        const { x } = plantedWorld(plan, world);
        row.push(measureFit(sae, x, await encode(sae, x, kernel)).explainedVariance);
      }
      errors.push(row);
    }
    errors.forEach((row, i) => {
      row.forEach((explained, j) => {
        if (i === j) expect(explained).toBeGreaterThan(0.7);
        else expect(explained).toBeLessThan(0.5);
      });
    });
  });

  it('says what was recovered, and what is shared', async () => {
    const { results } = await done;
    const [apart, , one] = results.groups;
    expect(apart.truth).toMatchObject({ features: 24, shared: 0, overlap: 0, both07: 0 });
    expect(one.truth).toMatchObject({ features: 24, shared: 24, overlap: 1 });
    expect(one.truth?.planted).toMatchObject({ active: 3, noise: 0 });
    expect(one.site).toBe('overlap 1');
    for (const { match } of [...(apart.truth?.saes ?? []), ...(one.truth?.saes ?? [])]) {
      expect(match).toBeGreaterThan(0.6);
    }
    const matched = (group: Results['groups'][number]) =>
      group.metrics['decoder.matched']?.corrected as number;
    expect(matched(one) - matched(apart)).toBeGreaterThan(0.4);
  });

  it('is the same when it is run again, without the work', async () => {
    const { file, out } = await done;
    const before = await readResults(join(out, 'results.json'));
    const again = (await runStudy({ file, out, kernel })) as Results;
    expect({ ...JSON.parse(JSON.stringify(again)), createdAt: '' }).toEqual({ ...before, createdAt: '' });
  });
});

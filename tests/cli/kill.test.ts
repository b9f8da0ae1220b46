// A run that is killed, or stopped by Ctrl-C, goes on and ends with the same bytes, at one thread and at two.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/tensor/rng.js';
import { tinyStudy } from '../study/tiny-study.js';
import { cli, startCli } from './cli.js';

/** The results without the time they were made at. */
async function resultsIn(out: string): Promise<string> {
  const text = await readFile(join(out, 'results.json'), 'utf8');
  expect(text).toMatch(/"createdAt": "[^"]+"/);
  return text.replace(/"createdAt": "[^"]+"/, '');
}

async function filesIn(out: string): Promise<string[]> {
  return (await readdir(out, { recursive: true })).filter((f) => !f.startsWith('.work')).sort();
}

describe('a run that is killed', () => {
  it('ten times at random moments goes on and ends with the same bytes', async () => {
    const { file, out, folder } = await tinyStudy();
    const whole = join(folder, 'whole');
    const start = performance.now();
    expect(await cli('run', file, '--out', whole)).toMatchObject({ code: 0 });
    const wholeMs = performance.now() - start;

    const rng = new Rng(2024, 'kills');
    let kills = 0;
    for (let attempt = 0; kills < 10; attempt++) {
      expect(attempt).toBeLessThan(40);
      const { child, finished } = startCli(['run', file, '--out', out]);
      const timer = setTimeout(() => child.kill('SIGKILL'), (0.15 + 0.8 * rng.uniform()) * wholeMs);
      const { code } = await finished;
      clearTimeout(timer);
      if (code === null) kills++;
      // It was done before its time: what is to be killed next starts from nothing.
      else await rm(out, { recursive: true, force: true });
    }
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    expect(await resultsIn(out)).toBe(await resultsIn(whole));
    expect(await filesIn(out)).toEqual(await filesIn(whole));
    for (const name of [
      'report.html',
      'features.parquet',
      'saes/layer0.equals.seed2/sae_weights.safetensors',
    ]) {
      const both = await Promise.all([out, whole].map((root) => readFile(join(root, name))));
      if (name !== 'report.html') expect(both[0].equals(both[1])).toBe(true);
    }
  }, 600_000);

  it('and goes through several settings, some of which diverge, ends with the same bytes too', async () => {
    const { file, out, folder } = await tinyStudy([
      ['epochs: 40', 'epochs: 12, snapshots: log'],
      ['sites: [plus, equals]', 'sites: [plus]'],
      [
        'seeds: { init: [1, 2, 3] }',
        'variants:\n' +
          '  - { name: few, sae: { k: 2 } }\n' +
          '  - { name: many, sae: { k: [6, 8] }, training: { steps: 70 } }\n' +
          '  - { name: wild, training: { learningRate: 1e30 } }\n' +
          '  - { name: batch, sae: { architecture: batchtopk } }\n' +
          '  - { name: flat, sae: { architecture: relu, sparsity: 0.01 } }\n' +
          'seeds: { init: [1, 2], order: { cross: [3, 4] } }',
      ],
      ['group: layer0.plus', 'group: layer0.plus.few'],
    ]);
    const whole = join(folder, 'whole');
    const start = performance.now();
    expect(await cli('run', file, '--out', whole)).toMatchObject({ code: 0 });
    const wholeMs = performance.now() - start;
    const rng = new Rng(7, 'kills');
    for (let kills = 0; kills < 6; kills++) {
      const { child, finished } = startCli(['run', file, '--out', out]);
      const timer = setTimeout(() => child.kill('SIGKILL'), (0.1 + 0.6 * rng.uniform()) * wholeMs);
      await finished;
      clearTimeout(timer);
    }
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    expect(await resultsIn(out)).toBe(await resultsIn(whole));
    const files = await filesIn(whole);
    expect(await filesIn(out)).toEqual(files);
    const same = files.filter((name) => /\.(safetensors|json|parquet|svg|png)$/.test(name));
    expect(same.filter((name) => name.includes('snapshots/step')).length).toBeGreaterThan(60);
    for (const name of same) {
      if (name === 'results.json') continue;
      const [one, other] = await Promise.all([out, whole].map((root) => readFile(join(root, name))));
      expect(one.equals(other), name).toBe(true);
    }
  }, 600_000);

  it('by Ctrl-C stops cleanly with code 130, keeps what is finished, and goes on', async () => {
    const { file, out } = await tinyStudy([['epochs: 40', 'epochs: 4000']]);
    const { child, finished } = startCli(['run', file, '--out', out]);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('training:')) setTimeout(() => child.kill('SIGINT'), 300);
    });
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    expect(stderr).toMatch(/the same command continues from there/);
    const left = await readdir(join(out, '.work'), { recursive: true });
    expect(left.some((f) => f.endsWith('.tmp'))).toBe(false);
    expect(left).not.toContain('lock');
    expect(left.some((f) => f.startsWith('snapshots/') && f.endsWith('.safetensors'))).toBe(true);
  });

  it('gives the same results at one thread and at two', async () => {
    const { file, folder } = await tinyStudy();
    const texts = [];
    for (const threads of ['1', '2']) {
      const out = join(folder, threads);
      expect(await cli('run', file, '--out', out, '--threads', threads)).toMatchObject({ code: 0 });
      texts.push((await resultsIn(out)).replace(/"threads": \d/, ''));
    }
    expect(texts[0]).toBe(texts[1]);
  });
});

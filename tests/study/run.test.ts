// A whole study, small: what it leaves behind, and that its diagnosis follows the data.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyEvent } from '../../src/compare/progress.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { parseResults } from '../../src/results/read-results.js';
import type { Results } from '../../src/results/results.js';
import { openSae } from '../../src/sae/open-sae.js';
import { kOf } from '../../src/sae/sae.js';
import { type RunOptions, runStudy } from '../../src/study/run.js';
import { type TinyStudy, tinyStudy } from './tiny-study.js';

const kernel = createPortableKernel({ threads: 2 });
const events: StudyEvent[] = [];
let study: TinyStudy;
let results: Results;

/** A study that goes through all its stages. */
async function ran(options: RunOptions): Promise<Results> {
  const made = await runStudy(options);
  if (!made) throw new Error('there are no results');
  return made;
}

beforeAll(async () => {
  study = await tinyStudy();
  results = await ran({ ...study, kernel, listen: (event) => events.push(event) });
});
afterAll(() => kernel.close());

const groupOf = (id: string) => results.groups.find((g) => g.id === id) as Results['groups'][number];

describe('a study', () => {
  it('leaves results that fit their schema, a report, figures and checkpoints', async () => {
    const file = join(study.out, 'results.json');
    const stored = parseResults(JSON.parse(await readFile(file, 'utf8')), file);
    expect(stored.groups).toHaveLength(2);
    expect(stored.saes).toHaveLength(6);
    const left = await readdir(study.out, { recursive: true });
    for (const name of ['report.html', 'report.md', 'figures/scores.svg', 'figures/scores.png']) {
      expect(left).toContain(name);
    }
    for (const { path } of stored.saes) {
      const { sae, record } = await openSae(join(study.out, path as string));
      expect([sae.decoder.rows, sae.decoder.cols, kOf(sae)]).toEqual([48, 16, 4]);
      expect(record).toMatchObject({ recipe: 'plain', epochs: 40, steps: 40 * 8 });
    }
    expect(left.filter((name) => name.includes('.tmp') || name.endsWith('lock'))).toEqual([]);
  });

  it('leaves every feature of every pair in features.parquet, and says how many come back', async () => {
    const { buffer } = new Uint8Array(await readFile(join(study.out, 'features.parquet')));
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows).toHaveLength(2 * 3 * 2 * 48);
    expect(new Set(rows.map((row) => row['group']))).toEqual(new Set(['layer0.plus', 'layer0.equals']));
    for (const { id, stability } of results.groups) {
      for (const { sae, scored, inEvery, inNone } of stability ?? []) {
        const own = rows.filter((row) => row['group'] === id && row['sae'] === sae);
        const features = new Map(own.map((row) => [row['feature'], row]));
        expect(scored).toBe(48);
        expect([...features.values()].filter((row) => row['stability'] === 1)).toHaveLength(inEvery);
        expect([...features.values()].filter((row) => row['stability'] === 0)).toHaveLength(inNone);
      }
      expect(stability).toHaveLength(3);
    }
    const text = await readFile(join(study.out, 'report.md'), 'utf8');
    expect(text).toContain("SELECT sae, feature, stability FROM 'features.parquet'");
  });

  it('tells its stages, its losses and the time left', () => {
    const stages = events.flatMap((e) => (e.type === 'stage' ? [e.stage] : []));
    expect(stages).toEqual(['activations', 'training', 'comparison', 'report']);
    const last = events.findLast((e) => e.type === 'progress' && e.stage === 'training');
    expect(last).toMatchObject({ done: 240, total: 240 });
    expect(events.some((e) => e.type === 'progress' && /epoch \d+\/40, loss/.test(e.item))).toBe(true);
    expect(events.some((e) => e.type === 'progress' && (e.secondsLeft ?? 0) > 0)).toBe(true);
  });

  it('counts the distinct rows: as many as the modulus where only one number was seen', () => {
    expect(groupOf('layer0.plus').activations).toMatchObject({ rows: 121, distinctRows: 11 });
    expect(groupOf('layer0.equals').activations).toMatchObject({ rows: 121, distinctRows: 121 });
  });

  it('names the features that never fire, and lays them to the few rows only where rows are few', () => {
    for (const id of ['layer0.plus', 'layer0.equals']) {
      const [first] = groupOf(id).cause;
      expect(first).toMatchObject({ finding: 'usage.dead-by-firing', metric: 'activation.max' });
      const live = groupOf(id).metrics['activation.max.live']?.mean as number;
      const all = groupOf(id).metrics['activation.max']?.mean as number;
      expect((first.without - first.score) / (live - all)).toBeGreaterThan(0.8);
    }
    expect(groupOf('layer0.plus').cause[0].behind).toBe('data.distinct-rows');
    expect(groupOf('layer0.equals').cause[0].behind).not.toBe('data.distinct-rows');
    const few = groupOf('layer0.equals').findings.find((f) => f.id === 'data.distinct-rows');
    expect(few?.verdict).toBe('refuted');
  });

  it('refutes a claim whose number is right and whose reading is not', () => {
    expect(results.claims).toMatchObject([{ id: 'dead', measured: 0, reproduced: true, verdict: 'refuted' }]);
  });

  it('that ran before is not computed again', async () => {
    const again: StudyEvent[] = [];
    const file = join(study.out, 'features.parquet');
    const features = await readFile(file);
    const idle = new Proxy(kernel, {
      get: (target, name) => {
        if (name === 'bestMatches' || name === 'assign') throw new Error(`${name} again`);
        return Reflect.get(target, name);
      },
    });
    const repeated = await ran({ ...study, kernel: idle, listen: (event) => again.push(event) });
    expect((await readFile(file)).equals(features)).toBe(true);
    expect({ ...repeated, createdAt: '' }).toEqual({ ...results, createdAt: '' });
    expect(again.some((e) => e.type === 'progress' && e.stage === 'training')).toBe(false);
  });

  it('takes no null of another seed for its own', async () => {
    const text = await readFile(study.file, 'utf8');
    const file = join(study.folder, 'other-seed.yaml');
    await writeFile(file, text.replace('draws: 3', 'draws: 3, seed: 5'));
    const other = await ran({ file, out: study.out, kernel });
    const nullIn = (r: Results) => r.groups[1].metrics['activation.max']?.null?.mean;
    expect(nullIn(other)).not.toBe(nullIn(results));
    expect(other.groups[1].metrics['activation.max']?.mean).toBe(
      results.groups[1].metrics['activation.max']?.mean,
    );
  });

  it('run quickly says so, and judges no number that another training would change', async () => {
    const quick = await ran({ ...study, out: join(study.folder, 'quick'), kernel, quick: true });
    expect(quick.study).toMatchObject({
      quick: true,
      shortened: { epochs: { taken: { low: 2, high: 2 }, asked: { low: 40, high: 40 } } },
    });
  });
});

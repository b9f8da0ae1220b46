// Every study that is shipped runs from its file to its report, in small: the same groups, seeds, snapshots and claims.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeTransformer, initTransformer } from '../../src/activations/transformer/index.js';
import { parseResults } from '../../src/results/read-results.js';
import { loadStudy } from '../../src/study/config.js';
import { planStudy } from '../../src/study/plan.js';
import { shrunkStudy } from '../study/shrunk-study.js';
import { cli } from './cli.js';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const pages = fileURLToPath(new URL('../../docs/studies/', import.meta.url));
const studies = (await readdir(examples, { recursive: true })).filter((name) => name.endsWith('.yaml'));

/** Studies that belong together are in a folder, and have one page. */
const pageOf = (name: string) => join(pages, `${name.split(/[/.]/)[0]}.md`);

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-'));
  model = join(folder, 'model.safetensors');
  const tiny = { modulus: 11, layers: 3, dModel: 16, heads: 2, dMlp: 32 };
  await writeFile(model, encodeTransformer(initTransformer(tiny, 0)));
});

describe.each(studies)('%s', (name) => {
  it('runs in small', async () => {
    const file = join(folder, name.replace('/', '-'));
    await writeFile(file, await shrunkStudy(join(examples, name), model));
    const out = file.replace('.yaml', '');
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    const results = parseResults(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')));
    const whole = await loadStudy(join(examples, name));
    const planned = planStudy(whole, false).groups;
    expect(results.groups).toHaveLength(planned.length);
    expect(results.claims ?? []).toHaveLength(whole.claims.length);
    for (const [i, group] of results.groups.entries()) {
      const { settings, saes } = planned[i];
      expect(group.settings?.architecture).toBe(settings.architecture);
      // Every SAE of a small run is sound, or nothing would be measured.
      expect(Object.keys(group.metrics).length, group.id).toBeGreaterThan(3);
      expect(group.trajectory !== undefined, group.id).toBe(settings.snapshots !== undefined);
      expect(group.truth !== undefined, group.id).toBe('planted' in whole.activations);
      const crossed = saes.some(
        ({ initSeed, orderSeed }) => saes.filter((s) => s.initSeed === initSeed).length > 1 && orderSeed >= 0,
      );
      expect(group.variance !== undefined, group.id).toBe(crossed);
    }
    const files = await readdir(out, { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['report.html', 'report.md', 'features.parquet']));
    expect(files.some((path) => path.endsWith('.svg'))).toBe(true);
  });

  it('claims only what its groups can answer', async () => {
    const { groups } = planStudy(await loadStudy(join(examples, name)), false);
    const ids = new Set(groups.map(({ id }) => id));
    const { claims } = await loadStudy(join(examples, name));
    expect(claims.filter(({ measure }) => !ids.has(measure.group))).toEqual([]);
  });

  it('has a page with its command', async () => {
    const page = await readFile(pageOf(name), 'utf8');
    expect(page).toContain(`examples/${name}`);
  });
});

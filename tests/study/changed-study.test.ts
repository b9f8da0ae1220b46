// A study that is changed takes from its folder what still holds, and nothing else.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { Results } from '../../src/results/results.js';
import { openSae } from '../../src/sae/open-sae.js';
import { runStudy } from '../../src/study/run.js';
import { type TinyStudy, tinyStudy } from './tiny-study.js';

const portable = createPortableKernel({ threads: 2 });
/** How often the kernel was asked to train, and to match decoders. */
const calls = { trained: 0, matched: 0 };
const kernel = new Proxy(portable, {
  get(target, name) {
    if (name === 'trainTopK') calls.trained++;
    if (name === 'bestMatches') calls.matched++;
    return Reflect.get(target, name);
  },
});
afterAll(() => portable.close());

const short: [string, string] = ['epochs: 40', 'epochs: 2'];
const noClaims = (text: string): string => text.slice(0, text.indexOf('claims:'));

let study: TinyStudy;
let first: Results;

async function run(
  change: (text: string) => string = (text) => text,
  quick = false,
): Promise<Results | undefined> {
  Object.assign(calls, { trained: 0, matched: 0 });
  const file = join(study.folder, 'changed.yaml');
  await writeFile(file, change(noClaims(await readFile(study.file, 'utf8'))));
  return runStudy({ file, out: study.out, kernel, quick });
}

/** What was measured, whatever it is called. */
const measured = ({ metrics }: Results['groups'][number]) =>
  Object.values(metrics).map(({ mean, null: own }) => [mean, own?.mean]);

beforeAll(async () => {
  study = await tinyStudy([short]);
  first = (await run()) as Results;
});

describe('a study in a folder that another has used', () => {
  it('keeps what was trained and measured under the names that it has now', async () => {
    const wide = (await run((text) => text.replace('k: 4', 'k: [4, 6]'))) as Results;
    expect(calls.trained).toBe(2 * 2);
    expect(wide.groups.map(({ id }) => id)).toEqual([
      'layer0.plus.k4',
      'layer0.plus.k6',
      'layer0.equals.k4',
      'layer0.equals.k6',
    ]);
    expect(wide.groups.map(({ label }) => label)).toEqual(['k 4', 'k 6', 'k 4', 'k 6']);
    expect(measured(wide.groups[0])).toEqual(measured(first.groups[0]));
    expect(wide.groups[0].metrics['decoder.max']?.pairs[0]).toMatchObject({
      a: 'layer0.plus.k4.seed1',
      b: 'layer0.plus.k4.seed2',
    });
    expect(wide.groups[0].stability?.map(({ sae }) => sae)).toEqual(wide.groups[0].saes);
    expect(measured(wide.groups[1])).not.toEqual(measured(first.groups[0]));
    expect((await readdir(join(study.out, 'saes'))).sort()).toEqual(wide.saes.map(({ id }) => id).sort());
  });

  it('finds all of it again when it is changed back', async () => {
    const back = (await run()) as Results;
    expect(calls).toEqual({ trained: 0, matched: 0 });
    expect({ ...back, createdAt: '' }).toEqual({ ...first, createdAt: '' });
    expect((await readdir(join(study.out, 'saes'))).sort()).toEqual(back.saes.map(({ id }) => id).sort());
  });

  it('trains a seed that is new, and measures with it', async () => {
    const more = (await run((text) => text.replace('init: [1, 2, 3]', 'init: [1, 2, 3, 4]'))) as Results;
    // One call an epoch and group.
    expect(calls.trained).toBe(2 * 2);
    expect(more.groups[0].metrics['decoder.max']?.n).toBe(6);
    expect(calls.matched).toBeGreaterThan(0);
  });

  it('trains again where the training is another one, and takes nothing stale', async () => {
    const longer = (await run((text) => text.replace('epochs: 2', 'steps: 11'))) as Results;
    expect(calls.trained).toBe(2 * 2);
    expect(longer.groups[0].settings).toMatchObject({ steps: 11 });
    expect(longer.groups[0].settings).not.toHaveProperty('epochs');
    expect(measured(longer.groups[0])).not.toEqual(measured(first.groups[0]));
    const { record } = await openSae(join(study.out, 'saes', 'layer0.plus.seed1'));
    expect(record).toMatchObject({ steps: 11 });
  });

  it('only trains, or only compares, as its stages say', async () => {
    const stages = (names: string) => (text: string) =>
      text.replace('seeds:', `stages: [${names}]\nseeds:`).replace('dSae: 48', 'dSae: 32');
    await expect(run(stages('compare, diagnose'))).rejects.toMatchObject({
      code: 'input.file',
      message: expect.stringMatching(/does not train.*found 0 of 3 SAEs/),
    });
    expect(await run(stages('train'))).toBeUndefined();
    expect(calls).toMatchObject({ trained: 4, matched: 0 });
    const compared = (await run(stages('compare, diagnose'))) as Results;
    expect(calls.trained).toBe(0);
    expect(compared.saes[0].dSae).toBe(32);
  });

  it('leaves what is not its own alone', async () => {
    const mine = join(study.out, 'saes', 'mine.txt');
    await writeFile(mine, 'keep me');
    await run();
    expect(await readFile(mine, 'utf8')).toBe('keep me');
  });
});

describe('snapshots', () => {
  it('are SAEs as they were after so many steps, whatever came after', async () => {
    const snapped = (await run((text) => text.replace('epochs: 2', 'epochs: 2, snapshots: log'))) as Results;
    const at = (step: number) => join(study.out, 'saes', 'layer0.plus.seed1', 'snapshots', `step${step}`);
    expect((await readdir(join(at(1), '..'))).sort()).toEqual(['step1', 'step2', 'step4', 'step8']);
    expect(measured(snapped.groups[0])).toEqual(measured(first.groups[0]));
    const four = await openSae(at(4));
    expect(four.record).toMatchObject({ steps: 4 });
    await run((text) => text.replace('epochs: 2', 'steps: 4'));
    const alone = await openSae(join(study.out, 'saes', 'layer0.plus.seed1'));
    expect(four.sae.decoder.data).toEqual(alone.sae.decoder.data);
    expect(four.sae.encoder.data).toEqual(alone.sae.encoder.data);
  });
});

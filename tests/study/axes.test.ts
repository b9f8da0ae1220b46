// Axes, variants, seeds and sources of a study file: which groups come of them, and what they are called.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { describeShortened } from '../../src/report/wording/claim-words.js';
import { parseStudy } from '../../src/study/config.js';
import { StudyFolder } from '../../src/study/folder.js';
import { planStudy } from '../../src/study/plan.js';
import { settingsOf } from '../../src/study/settings.js';
import { openSource, sitesOf } from '../../src/study/sources/index.js';

const base = `name: small
activations: { transformer: 2, layers: [0, 1], sites: [plus] }
sae: { architecture: topk, dSae: 64, k: 4 }
training: { recipe: plain, epochs: 3, batchSize: 32 }
seeds: { init: [1, 2] }
`;

const study = (...changes: [string, string][]) =>
  parseStudy(
    changes.reduce((text, [from, to]) => text.replace(from, to), base),
    'study.yaml',
  );
const groups = (...changes: [string, string][]) => planStudy(study(...changes), false).groups;
const ids = (...changes: [string, string][]) => groups(...changes).map(({ id }) => id);
const message = (...changes: [string, string][]): string => {
  try {
    study(...changes);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

describe('groups', () => {
  it('keep their names where there is one setting', () => {
    expect(ids()).toEqual(['layer0.plus', 'layer1.plus']);
  });

  it('are sites times axes, named by what differs', () => {
    expect(ids(['dSae: 64', 'dSae: [64, 128]'], ['k: 4', 'k: [4, 8]'])).toEqual([
      'layer0.plus.d64.k4',
      'layer0.plus.d64.k8',
      'layer0.plus.d128.k4',
      'layer0.plus.d128.k8',
      'layer1.plus.d64.k4',
      'layer1.plus.d64.k8',
      'layer1.plus.d128.k4',
      'layer1.plus.d128.k8',
    ]);
    expect(ids(['epochs: 3', 'steps: [10, 20]'])).toContain('layer1.plus.steps20');
  });

  it('of variants carry their names and what differs within them', () => {
    const variants: [string, string] = [
      'seeds:',
      'variants:\n  - { name: narrow, sae: { dSae: 32 } }\n  - { name: long, sae: { k: [2, 3] }, training: { steps: 50 } }\nseeds:',
    ];
    const [first, second, third] = groups(variants);
    expect([first.id, second.id, third.id]).toEqual([
      'layer0.plus.narrow',
      'layer0.plus.long.k2',
      'layer0.plus.long.k3',
    ]);
    expect(first.settings).toMatchObject({ variant: 'narrow', dSae: 32, k: 4, epochs: 3 });
    // What a variant says of the length takes the place of the common one.
    expect(second.settings).toMatchObject({ variant: 'long', dSae: 64, k: 2, steps: 50 });
    expect(second.settings).not.toHaveProperty('epochs');
  });

  it('of architectures leave out what an architecture has no use for', () => {
    const settings = settingsOf({
      sae: {
        architecture: ['topk', 'relu'] as never,
        dSae: 64,
        k: [4, 8],
        sparsity: [0.1, 1e-7],
      },
      training: { recipe: 'plain', epochs: 3, batchSize: 32 },
    });
    if (!Array.isArray(settings)) throw new Error(settings.problem);
    expect(settings.map(({ suffix }) => suffix)).toEqual([
      '.topk.k4',
      '.topk.k8',
      '.relu.sparsity0.1',
      '.relu.sparsity1e-7',
    ]);
    expect(settings[2]).not.toHaveProperty('k');
  });

  it('have every init seed with every order seed in a cross', () => {
    const [{ saes }] = groups(['init: [1, 2]', 'init: [1, 2], order: { cross: [1, 7] }']);
    expect(saes.map(({ id, initSeed, orderSeed }) => [id, initSeed, orderSeed])).toEqual([
      ['layer0.plus.init1-order1', 1, 1],
      ['layer0.plus.init1-order7', 1, 7],
      ['layer0.plus.init2-order1', 2, 1],
      ['layer0.plus.init2-order7', 2, 7],
    ]);
    expect(groups(['init: [1, 2]', 'init: [1], order: { cross: [1, 7] }'])[0].saes).toHaveLength(2);
  });

  it('keep their names in a quick run', () => {
    const long = study(['epochs: 3', 'epochs: [8, 20]']);
    const quick = planStudy(long, true);
    expect(quick.groups.map(({ id }) => id)).toEqual(planStudy(long, false).groups.map(({ id }) => id));
    expect(quick.groups.map(({ settings }) => settings.epochs)).toEqual([5, 5, 5, 5]);
    expect(quick.shortened && describeShortened(quick.shortened)).toBe(
      'It took 5 of 8–20 epochs and 5 of 20 draws per null.',
    );
  });
});

it.each([
  ['k above one of the widths', [['dSae: 64', 'dSae: [64, 2]']], /^study\.yaml:3:\d+, sae\.k: k is larger/],
  ['an axis value twice', [['k: 4', 'k: [4, 4]']], /sae\.k: the same entry stands twice/],
  ['a word on an axis', [['k: 4', 'k: [4, four]']], /^study\.yaml:3:45, sae\.k\.1: .*found "four"/],
  ['epochs and steps', [['epochs: 3', 'epochs: 3, steps: 4']], /training\.steps: give epochs or steps/],
  ['no length', [['epochs: 3, ', '']], /training\.epochs: epochs is missing: how long/],
  [
    'a key of no source',
    [['transformer: 2', 'transfromer: 2']],
    /^study\.yaml:2:\d+, activations\.transfromer: no such key/,
  ],
  ['keys of two sources', [['layers', 'file: x, layers']], /activations\.file: no such key/],
  [
    'one seed in a cross',
    [['init: [1, 2]', 'init: [1], order: { cross: [3] }']],
    /seeds\.init: at least two/,
  ],
  [
    'stages with a gap',
    [['seeds:', 'stages: [train, diagnose]\nseeds:']],
    /stages: stages follow each other/,
  ],
  [
    'a variant that lacks something',
    [
      ['k: 4', ''],
      ['seeds:', 'variants: [{ name: a }]\nseeds:'],
    ],
    /^study\.yaml:3:\d+, sae\.k: k is missing: topk needs it/,
  ],
  [
    'a wrong value in a variant',
    [['seeds:', 'variants: [{ name: a, sae: { k: 99 } }]\nseeds:']],
    /^study\.yaml:5:33, variants\.0\.sae\.k: k is larger/,
  ],
  [
    'two variants alike',
    [['seeds:', 'variants: [{ name: a }, { name: b }]\nseeds:']],
    /variants: a and b have the same settings/,
  ],
] as const)('a study file with %s is refused where it is wrong', (_, changes, expected) => {
  expect(message(...(changes as unknown as [string, string][]))).toMatch(expected);
});

describe('activations from files', () => {
  const shard = (rows: number[][]) =>
    encodeSafetensors({ x: { shape: [rows.length, 2], data: Float32Array.from(rows.flat()) } });

  async function shards(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-shards-'));
    await mkdir(join(folder, 'x'));
    await writeFile(join(folder, 'x', 'part10.safetensors'), shard([[5, 6]]));
    await writeFile(
      join(folder, 'x', 'part2.safetensors'),
      shard([
        [1, 2],
        [3, 4],
      ]),
    );
    await writeFile(join(folder, 'x', 'README.txt'), 'not a shard');
    return folder;
  }

  it('follow each other in the order of the numbers in their names', async () => {
    const config = { file: 'x' };
    const [site] = sitesOf(config);
    const folder = await shards();
    const source = await openSource(config, [site], join(folder, 'study.yaml'));
    const x = (await source.load([site], new StudyFolder(folder), {}))(site, 1);
    expect([x.rows, x.cols, [...x.data]]).toEqual([3, 2, [1, 2, 3, 4, 5, 6]]);
  });

  it('are found beside the study file, and known by their contents', async () => {
    const folder = await shards();
    const config = { file: 'x', layer: 3, site: 'mlp' };
    expect(sitesOf(config)).toEqual([{ id: 'layer3.mlp', layer: 3, site: 'mlp' }]);
    expect(sitesOf({ file: 'x' })).toEqual([{ id: 'activations' }]);
    const key = async (): Promise<string> => {
      const source = await openSource(config, sitesOf(config), join(folder, 'study.yaml'));
      expect(source.shapeOf(sitesOf(config)[0])).toEqual({ rows: 3, cols: 2 });
      return source.keyOf(sitesOf(config)[0], 1);
    };
    const before = await key();
    expect(await key()).toBe(before);
    await writeFile(join(folder, 'x', 'part10.safetensors'), shard([[5, 7]]));
    expect(await key()).not.toBe(before);
  });

  it('are refused where shards differ in width, are not finite or are none', async () => {
    const path = join(await shards(), 'x');
    await writeFile(join(path, 'part3.safetensors'), shard([[1, Number.NaN]]));
    const open = (file: string) => openSource({ file }, [], join(path, 'study.yaml'));
    const source = await open('.');
    await expect(source.load([], new StudyFolder(path), {})).rejects.toThrow(
      /x, row 2, column 1: .*found NaN/,
    );
    const wide = encodeSafetensors({ x: { shape: [1, 3], data: new Float32Array(3) } });
    await writeFile(join(path, 'part3.safetensors'), wide);
    await expect(open('.')).rejects.toThrow(/part3\.safetensors, tensor x: .*found 3; expected 2, as in /);
    await expect(open('..')).rejects.toThrow(/there is a folder among the activations/);
    await expect(open('nothing')).rejects.toThrow(/no such file/);
  });
});

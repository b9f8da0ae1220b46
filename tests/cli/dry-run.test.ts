// `reseed run --dry-run` says what a study would do and cost, and touches nothing; `--json-schema` prints the schema.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bytesText, timeText } from '../../src/report/study-plan-text.js';
import { plantedActivations, writeActivations } from '../study/planted-saes.js';
import { tinyStudy } from '../study/tiny-study.js';
import { cli } from './cli.js';

it('prints the plan before anything is done, and what is left of it afterwards', async () => {
  const { file, out } = await tinyStudy([
    ['epochs: 40', 'epochs: [2, 3]'],
    ['group: layer0.plus', 'group: layer0.plus.epochs2'],
  ]);
  const before = await cli('run', file, '--out', out, '--dry-run');
  expect(before).toMatchObject({ code: 0 });
  expect(before.stdout).toContain('tiny: 12 SAEs in 4 groups; train, compare, diagnose and report');
  expect(before.stdout).toMatch(
    /^ {2}layer0\.equals\.epochs3 {2,}topk, 48 features, k 4, plain, 3 epochs +121 +3 +24 +nothing +\d\.\d s +\d/m,
  );
  expect(before.stdout).toMatch(/has nothing of it yet/);
  expect(before.stdout).toMatch(/about [\d.]+ s, \d+ MB of memory and \d+ kB of\s+disk/);
  await expect(readdir(out)).rejects.toThrow();

  expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
  const after = await cli('run', file, '--out', out, '--dry-run');
  expect(after.stdout).toMatch(/layer0\.equals\.epochs3 .* all +– +–$/m);
  expect(after.stdout).toMatch(/has the activations, 12 trained SAEs and the scores of 4\s+groups already/);
  expect(after.stdout).toContain('There is nothing left to train or to compare.');
});

it('says what giving the work out would come to, and writes nothing', async () => {
  const { file, out } = await tinyStudy();
  const { stdout, code } = await cli(
    ...[
      'run',
      file,
      '--out',
      out,
      '--dry-run',
      '--executor',
      'slurm',
      '--nodes',
      '3',
      '--bundle',
      '0',
      '--cpus',
      '2',
    ],
  );
  expect(code).toBe(0);
  // Two sites of three SAEs; small as they are, no pair and no null of the kernel's is kept by itself.
  expect(stdout).toMatch(/^By slurm: 14 units of 2 processors, one wave after another\.$/m);
  expect(stdout).toMatch(/^ +SAEs to train +6 +\d/m);
  expect(stdout).toMatch(/^ +groups to measure +2 +\d/m);
  expect(stdout).toMatch(/^About [\d.]+ \w+ on 1, [\d.]+ \w+ on 3, [\d.]+ \w+ on 6 at a time\.$/m);
  await expect(readdir(out)).rejects.toThrow();
});

it('does not count activations as kept that lie in a file of their own', async () => {
  const { folder, file, out } = await tinyStudy();
  const x = await writeActivations(join(folder, 'x.npy'), plantedActivations());
  await writeFile(
    file,
    `name: filed
activations: { file: ${x} }
sae: { architecture: topk, dSae: 48, k: 4 }
training: { recipe: plain, epochs: 2, batchSize: 16, learningRate: 0.003 }
seeds: { init: [1, 2] }
`,
  );
  const { stdout } = await cli('run', file, '--out', out, '--dry-run');
  expect(stdout).toMatch(/has nothing of it yet/);
});

it('counts the time of examples where there are tokens', async () => {
  const { folder, file, out } = await tinyStudy();
  const planted = plantedActivations();
  const x = await writeActivations(join(folder, 'x.npy'), planted);
  const places = Array.from({ length: planted.rows }, (_, n) => n);
  const tokens = join(folder, 'tokens.json');
  await writeFile(
    tokens,
    JSON.stringify({ document: places.map(() => 0), position: places, token: places.map((n) => ` ${n}`) }),
  );
  const plan = async (activations: string) => {
    await writeFile(
      file,
      `name: examples
activations: { file: ${x}${activations} }
sae: { architecture: topk, dSae: 48, k: 4 }
training: { recipe: plain, epochs: 2, batchSize: 16, learningRate: 0.003 }
seeds: { init: [1, 2] }
`,
    );
    return (await cli('run', file, '--out', out, '--dry-run')).stdout;
  };
  expect(await plan('')).toMatch(/train +compare\n/);
  expect(await plan(`, tokens: ${tokens}`)).toMatch(
    /train +compare +examples\n.* nothing +\d+\.\d s +\d+\.\d s +\d+\.\d s\n/,
  );
});

it('prints the JSON Schema that is shipped, and needs no study for it', async () => {
  const { code, stdout } = await cli('run', '--json-schema');
  expect(code).toBe(0);
  const shipped = fileURLToPath(new URL('../../examples/study.schema.json', import.meta.url));
  expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile(shipped, 'utf8')));
});

it('tells time and room as people do', () => {
  expect([0.04, 9, 12, 100, 7200, 400_000].map(timeText)).toEqual([
    '0.0 s',
    '9.0 s',
    '12 s',
    '2 min',
    '2.0 h',
    '5 days',
  ]);
  expect([10, 2.5e6, 3.2e9].map(bytesText)).toEqual(['1 kB', '3 MB', '3.2 GB']);
});

// `reseed consensus` from the outside: what it writes and prints, and what it refuses.
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { consensusSchema } from '../../src/results/consensus-result.js';
import { openSae } from '../../src/sae/open-sae.js';
import { type OnDisk, planted, plantedFiles, plantedSae, writeSae } from '../study/planted-saes.js';
import { cli } from './cli.js';

let files: OnDisk;
beforeAll(async () => {
  files = await plantedFiles(3);
});

const run = (...args: string[]) => cli('consensus', ...args, '--threads', '1', '--no-cache', '--steps', '30');
const fresh = async () => join(await mkdtemp(join(tmpdir(), 'reseed-agreed-')), 'agreed');

describe('reseed consensus', () => {
  it('prints what was found in 80 columns, and writes dictionary, families and report', async () => {
    const to = await fresh();
    const { code, stdout, stderr } = await run(...files.saes, '--activations', files.activations, '--to', to);
    expect(stderr).toMatch(/kernel: /);
    expect(code).toBe(0);
    for (const line of stdout.split('\n')) {
      if (!line.includes(to)) expect(line.length, line).toBeLessThanOrEqual(80);
    }
    for (const title of ['Families', 'What is still to come', 'The dictionary', 'The rest']) {
      expect(stdout).toContain(`\n${title}\n`);
    }
    expect(stdout).toContain(`Dictionary: ${join(to, 'saelens')}\nReport: ${join(to, 'report.md')}\n`);
    expect((await readdir(to)).sort()).toEqual([
      'consensus.json',
      'families.parquet',
      'figures',
      'report.md',
      'sae.safetensors',
      'saelens',
    ]);
    const result = consensusSchema.parse(JSON.parse(await readFile(join(to, 'consensus.json'), 'utf8')));
    expect(result.saes.map(({ id }) => id)).toEqual(['seed0', 'seed1', 'seed2']);
    const { sae, origin } = await openSae(join(to, 'saelens'));
    expect(origin.format).toBe('saelens');
    expect(sae.decoder.rows).toBe(result.dictionary!.features);
    const report = await readFile(join(to, 'report.md'), 'utf8');
    for (const figure of ['families', 'rest']) expect(report).toContain(`(figures/${figure}.svg)`);
  });

  it('writes only JSON to stdout with --json -, the same whatever the order of the SAEs', async () => {
    const counts = [];
    for (const saes of [files.saes, files.saes.toReversed()]) {
      const { code, stdout } = await run(...saes, '--to', await fresh(), '--json', '-');
      expect(code).toBe(0);
      counts.push(consensusSchema.parse(JSON.parse(stdout)).families.supports);
    }
    expect(counts[0]).toEqual(counts[1]);
    expect(counts[0][3]).toBeGreaterThan(0);
  });

  it('takes the dictionary of an earlier run away where there is none any more', async () => {
    const to = await fresh();
    expect((await run(...files.saes, '--to', to)).code).toBe(0);
    expect(await readdir(join(to, 'saelens'))).toHaveLength(2);
    const apart = await Promise.all(
      [0, 1].map((n) => writeSae(join(to, '..', `apart${n}`), plantedSae(n, { ...planted, shared: 0 }))),
    );
    const { code, stdout } = await run(...apart, '--to', to);
    expect(code).toBe(0);
    expect(stdout).toContain('No dictionary was written');
    expect(await readdir(join(to, 'saelens'))).toEqual([]);
    expect(await readdir(to)).not.toContain('sae.safetensors');
  });
});

describe('what is refused', () => {
  const refusal = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stdout).toBe('');
    return {
      code,
      message: stderr
        .split('\n')
        .filter((line) => /^(reseed|error): /.test(line))
        .join('\n'),
    };
  };

  it.each([
    [['--to', 'x'], /one SAE|there is nothing to compare with/, 2],
    [['SECOND', '--to', 'x', '--support', '3'], /2 … 2, the number of SAEs/, 2],
    [['SECOND', '--to', 'x', '--by', 'codes'], /--activations/, 2],
    [['SECOND', '--to', 'x', '--cosine', '0.5'], /above 0.5, at most 1/, 2],
    [['SECOND'], /required option '--to <folder>'/, 2],
    [['SECOND', '--to', 'x', '--activations', 'nowhere.npy'], /nowhere.npy: .*no such file/, 3],
  ] as const)('%j', async (args, words, exit) => {
    const { code, message } = await refusal(
      files.saes[0],
      ...args.map((one) => (one === 'SECOND' ? files.saes[1] : one)),
    );
    expect(message).toMatch(words);
    expect(code).toBe(exit);
  });

  it('weights that are not finite, and the folder of a study', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-odd-'));
    const broken = join(folder, 'broken');
    const { sae } = await openSae(files.saes[1]);
    sae.decoder.data[3] = Number.NaN;
    await writeSae(broken, sae);
    const { code, message } = await refusal(files.saes[0], broken, '--to', join(folder, 'out'));
    expect(code).toBe(3);
    expect(message).toMatch(/broken: its weights are not all finite; found 1 NaN, 0 infinite/);
    await mkdir(join(folder, 'study', '.work'), { recursive: true });
    await writeFile(join(folder, 'study', 'results.json'), '{}');
    const study = await refusal(...files.saes, '--to', join(folder, 'study'));
    expect(study.message).toMatch(
      /it is the folder of a study; expected a folder of its own for the consensus \(--to\)/,
    );
    expect(study.code).toBe(3);
  });
});

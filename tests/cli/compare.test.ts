// `reseed compare` from the outside: what goes to stdout, to files and to stderr, and every exit code.
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseResults } from '../../src/results/read-results.js';
import type { Results } from '../../src/results/results.js';
import {
  changed,
  type OnDisk,
  planted,
  plantedFiles,
  plantedSae,
  writeActivations,
  writeSae,
} from '../study/planted-saes.js';
import { tinyStudy } from '../study/tiny-study.js';
import { cli } from './cli.js';

let files: OnDisk;
beforeAll(async () => {
  files = await plantedFiles(3);
});

const compare = (...args: string[]) => cli('compare', ...args, '--draws', '2', '--threads', '1');

/** The one message, without a stack. */
function messageIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^(reseed|error): /.test(line));
  expect(lines).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  return lines[0];
}

describe('reseed compare', () => {
  it('prints a table for people, in 80 columns, without colours where there is no terminal', async () => {
    const { code, stdout, stderr } = await compare(...files.saes, '--activations', files.activations);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\x1b');
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^3 SAEs, layer 1\n/);
    expect(stdout).toMatch(/decoder\.max +0\.\d{3} +0\.586 +0\.\d{3} +0\.\d{3}–0\.\d{3} +\w/);
    for (const word of ['Verdict', 'Findings', 'Features that come back', 'seed0', 'seed1', 'seed2'])
      expect(stdout).toContain(word);
    expect(stderr).toMatch(/kernel: /);
  });

  it('writes only JSON to stdout with --json -', async () => {
    const { code, stdout } = await compare(...files.saes, '--json', '-');
    expect(code).toBe(0);
    const results = parseResults(JSON.parse(stdout));
    expect(results.groups[0].saes).toEqual(['seed0', 'seed1', 'seed2']);
    expect(results.saes[0]).toMatchObject({ path: files.saes[0], format: 'saelens', layer: 1 });
    expect(results.reseed.command).toBe(
      `reseed compare ${files.saes.join(' ')} --json - --draws 2 --threads 1`,
    );
  });

  it('writes the whole report with --out, and JSON beside the table', async () => {
    const out = join(files.folder, 'report');
    const json = join(files.folder, 'results.json');
    const { code, stdout } = await compare(...files.saes, '--out', out, '--json', json);
    expect(code).toBe(0);
    expect(stdout).toContain(`Report: ${join(out, 'report.html')}`);
    const left = await readdir(out, { recursive: true });
    const expected = ['results.json', 'report.html', 'report.md', 'features.parquet', 'figures/scores.svg'];
    for (const name of expected) expect(left).toContain(name);
    expect(await readFile(join(out, 'results.json'), 'utf8')).toBe(await readFile(json, 'utf8'));
    const { buffer } = new Uint8Array(await readFile(join(out, 'features.parquet')));
    expect(parquetMetadata(buffer).num_rows).toBe(BigInt(3 * 2 * planted.features));
    for (const name of ['report.html', 'report.md']) {
      const text = await readFile(join(out, name), 'utf8');
      expect(text).toContain('features.parquet');
      for (const tool of ['pandas', 'polars', 'DuckDB']) expect(text).toContain(tool);
    }
  });

  it('gives the same results at one thread and at two, but for what names them', async () => {
    const texts = [];
    for (const threads of ['1', '2']) {
      const args = ['--activations', files.activations, '--json', '-', '--draws', '3', '--threads', threads];
      const { stdout } = await cli('compare', ...files.saes, ...args);
      const { createdAt: _, reseed: __, ...rest } = JSON.parse(stdout) as Results;
      texts.push(JSON.stringify(rest));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('takes the weights before training, and knows those that reseed drew', async () => {
    const init = await Promise.all(
      [0, 1, 2].map((n) =>
        writeSae(join(files.folder, `init${n}`), plantedSae(n + 9, { ...planted, shared: 0 })),
      ),
    );
    const given = await compare(...files.saes, '--init', ...init, '--json', '-');
    expect((JSON.parse(given.stdout) as Results).groups[0].metrics['displacement.max']).toBeDefined();

    const { file, out } = await tinyStudy([['epochs: 40', 'epochs: 1']]);
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    const saes = ['seed1', 'seed2'].map((seed) => join(out, 'saes', `layer0.plus.${seed}`));
    const own = JSON.parse((await compare(...saes, '--json', '-')).stdout) as Results;
    expect(own.groups[0]).toMatchObject({ layer: 0, site: 'plus' });
    expect(own.saes.map((s) => s.initSeed)).toEqual([1, 2]);
    // One epoch moves little.
    expect(own.saes[0].init?.cosineMedian).toBeGreaterThan(0.9);
    const stored = parseResults(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')));
    expect(own.saes[0].init?.cosineMedian).toBe(stored.saes[0].init?.cosineMedian);

    const refused = await compare(...saes, '--out', out);
    expect(refused.code).toBe(3);
    expect(messageIn(refused.stderr)).toMatch(/it is the folder of a study; expected a folder of its own/);
  });

  it('names SAEs by as much of their paths as tells them apart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-names-'));
    const paths = await Promise.all(
      ['a', 'b'].map((name, n) => writeSae(join(folder, name, 'sae'), plantedSae(n))),
    );
    const { stdout } = await compare(paths[0], join(paths[1], 'cfg.json'), '--json', '-');
    expect((JSON.parse(stdout) as Results).groups[0].saes).toEqual(['a/sae', 'b/sae']);
    const twice = await compare(paths[0], paths[0], '--json', '-');
    expect((JSON.parse(twice.stdout) as Results).groups[0].saes).toEqual(['sae#1', 'sae#2']);
  });
});

describe('reseed compare ends', () => {
  it.each([
    [['compare'], /missing required argument 'sae'/],
    [['compare', 'x', '--draws', '1'], /whole number of at least 2/],
    [['compare', 'x', '--seed', '-1'], /whole number of at least 0/],
    [['compare', 'x', '--kernel', 'magic'], /auto, native, portable or webgpu/],
    [['compare', 'x', 'y', '--init', 'z'], /--init: one is needed for each SAE; found 1; expected 2/],
  ])('%j with exit code 2', async (args, message) => {
    const { code, stderr, stdout } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });

  it('one SAE with exit code 2', async () => {
    const { code, stderr } = await compare(files.saes[0]);
    expect(code).toBe(2);
    expect(messageIn(stderr)).toMatch(/there is nothing to compare with; found 1 SAE; expected at least two/);
  });

  it('bad files with exit code 3, naming file, field, what was found and what was expected', async () => {
    const { folder, saes } = files;
    const [first] = saes;
    const narrow = await writeSae(join(folder, 'narrow'), plantedSae(5, { ...planted, d: 12 }));
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const wide = await writeActivations(join(folder, 'wide.safetensors'), {
      rows: 2,
      cols: 3,
      data: new Float32Array(6),
    });
    await writeFile(join(folder, 'x.csv'), '1,2,3');
    const cases: [string[], RegExp][] = [
      [[first, join(folder, 'missing')], /missing: cannot read it: there is no such file/],
      [
        [first, empty],
        /empty: it is not clear which file holds the SAE; found no file of weights; expected .*sae_weights/,
      ],
      [
        [first, files.activations],
        /x\.safetensors: it is not an SAE of a known layout; found tensors x; expected/,
      ],
      [
        [first, narrow],
        /narrow, narrow: SAEs of different input width .*; found d_model 12; expected d_model 16, as in seed0/,
      ],
      [
        [...saes, '--activations', wide],
        /wide\.safetensors, activations: .*found \[2 × 3\]; expected \[rows × 16\]/,
      ],
      [
        [...saes, '--activations', join(folder, 'x.csv')],
        /x\.csv: it is not a file of tensors .*; found bytes 49 44 .*expected safetensors, \.npy/,
      ],
      [[...saes, '--activations', join(folder, 'none.npy')], /none\.npy: .*no such file/],
      [[first, saes[1], '--json', join(folder, 'no', 'such', 'x.json')], /x\.json: cannot write it/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await compare(...args);
      expect(code, stderr).toBe(3);
      expect(messageIn(stderr)).toMatch(message);
      expect(stdout).toBe('');
    }
  });

  it('damaged weights well, with a finding and no score', async () => {
    const broken = await writeSae(
      join(files.folder, 'broken'),
      changed(plantedSae(1), ({ decoder }) => decoder.data.fill(Number.NaN)),
    );
    const { code, stdout } = await compare(files.saes[0], broken, '--activations', files.activations);
    expect(code).toBe(0);
    expect(stdout).toMatch(/fail {2}NaN or infinite weights/);
    expect(stdout).toContain('These data cannot tell whether features come back');
  });

  it('a truncated .npy file with the bytes that are missing', async () => {
    const file = join(files.folder, 'cut.npy');
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 16), }".padEnd(117).concat('\n');
    await writeFile(
      file,
      Buffer.concat([
        Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]),
        Buffer.from(header),
      ]),
    );
    const { code, stderr } = await compare(...files.saes, '--activations', file);
    expect(code).toBe(3);
    expect(messageIn(stderr)).toMatch(/cut\.npy: .*found 0 bytes of data; expected 256 for F32 \[4 × 16\]/);
  });
});

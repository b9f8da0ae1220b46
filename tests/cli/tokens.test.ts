// Tokens beside activations, through `compare` and through a study: examples.parquet, and the same bytes again.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { selectKernel } from '../../src/kernel/select.js';
import { encode } from '../../src/sae/encode.js';
import { type OnDisk, plantedActivations, plantedFiles, plantedSae } from '../study/planted-saes.js';
import { cli } from './cli.js';

const rows = 400;

let files: OnDisk;
let tokens: string;
beforeAll(async () => {
  files = await plantedFiles(2);
  tokens = join(files.folder, 'tokens.json');
  const all = Array.from({ length: rows }, (_, n) => n);
  await writeFile(
    tokens,
    JSON.stringify({
      document: all.map((n) => Math.floor(n / 20)),
      position: all.map((n) => n % 20),
      token: all.map((n) => ` ${n}`),
    }),
  );
});

interface Example {
  readonly group: string;
  readonly sae: string;
  readonly feature: number;
  readonly kind: string;
  readonly row: number;
  readonly code: number;
  readonly context: string[];
  readonly codes: number[];
  readonly at: number;
}

async function examplesIn(folder: string): Promise<Example[]> {
  const bytes = await readFile(join(folder, 'examples.parquet'));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return (await parquetReadObjects({ file })) as unknown as Example[];
}

describe('compare with tokens', () => {
  it('writes examples that are those of the codes, and the same bytes again', async () => {
    const compare = (out: string, threads: string) =>
      cli(
        ...['compare', ...files.saes, '--activations', files.activations, '--tokens', tokens],
        ...['--draws', '2', '--threads', threads, '--out', join(files.folder, out)],
      );
    expect(await compare('once', '1')).toMatchObject({ code: 0 });
    expect(await compare('again', '2')).toMatchObject({ code: 0 });
    const [once, again] = await Promise.all(
      ['once', 'again'].map((out) => readFile(join(files.folder, out, 'examples.parquet'))),
    );
    expect(once.equals(again)).toBe(true);
    const found = await examplesIn(join(files.folder, 'once'));
    expect(new Set(found.map(({ sae }) => sae))).toEqual(new Set(['seed0', 'seed1']));
    const kernel = selectKernel({ threads: 1 });
    const codes = await encode(plantedSae(1), plantedActivations(rows), kernel);
    await kernel.close();
    const codeOf = (row: number, feature: number) => {
      for (let e = codes.offsets[row]; e < codes.offsets[row + 1]; e++)
        if (codes.indices[e] === feature) return codes.values[e];
      return 0;
    };
    const own = found.filter(({ sae }) => sae === 'seed1');
    expect(own.length).toBeGreaterThan(300);
    for (const { feature, row, code, context, codes: around, at } of own) {
      expect(code).toBe(codeOf(row, feature));
      expect(context).toEqual(around.map((_, i) => ` ${row - at + i}`));
      expect(around).toEqual(around.map((_, i) => codeOf(row - at + i, feature)));
    }
  });

  it('leaves the first positions out of both', async () => {
    const x = join(files.folder, 'sequences.safetensors');
    const { data, cols } = plantedActivations(rows);
    await writeFile(x, encodeSafetensors({ x: { shape: [20, 20, cols], data } }));
    const out = join(files.folder, 'dropped');
    const args = ['--activations', x, '--tokens', tokens, '--draws', '2', '--out', out];
    expect(await cli('compare', ...files.saes, ...args, '--drop-first', '2')).toMatchObject({ code: 0 });
    const found = await examplesIn(out);
    expect(found.some(({ row }) => row === 359)).toBe(true);
    for (const { row, context, at } of found) {
      const sequence = Math.floor(row / 18);
      expect(context[at]).toBe(` ${20 * sequence + 2 + (row % 18)}`);
    }
  });
});

describe('a study with tokens', () => {
  const study = async (tokensFile: string, site: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'reseed-tokens-'));
    const file = join(folder, 'study.yaml');
    await writeFile(
      file,
      `name: tokens
activations: { file: ${files.activations}, tokens: ${tokensFile}, layer: 6, site: ${site} }
sae: { architecture: topk, dSae: 32, k: 3 }
training: { recipe: plain, steps: 100, batchSize: 64, learningRate: 0.003 }
seeds: { init: [1, 2] }
analysis: { draws: 2 }
`,
    );
    return { file, out: join(folder, 'out') };
  };

  it('writes examples of every SAE, and takes the site as its tool writes it', async () => {
    const { file, out } = await study(tokens, 'blocks.6.hook_resid_post');
    const first = await cli('run', file, '--out', out, '--threads', '1');
    expect(first.code, first.stderr).toBe(0);
    const found = await examplesIn(out);
    const group = 'layer6.blocks.6.hook_resid_post';
    expect(new Set(found.map((one) => one.group))).toEqual(new Set([group]));
    expect(new Set(found.map(({ sae }) => sae))).toEqual(new Set([`${group}.seed1`, `${group}.seed2`]));
    expect(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')).groups[0].site).toBe(
      'blocks.6.hook_resid_post',
    );
    const before = await readFile(join(out, 'examples.parquet'));
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    expect(before.equals(await readFile(join(out, 'examples.parquet')))).toBe(true);
  });

  it('leaves first positions out by them, as if they had not been there', async () => {
    const later = Array.from({ length: rows }, (_, n) => n).filter((n) => n % 20 >= 2);
    const { data, cols } = plantedActivations(rows);
    const own = await mkdtemp(join(tmpdir(), 'reseed-later-'));
    const x = Float32Array.from(later.flatMap((n) => [...data.subarray(n * cols, (n + 1) * cols)]));
    await writeFile(
      join(own, 'x.safetensors'),
      encodeSafetensors({ x: { shape: [later.length, cols], data: x } }),
    );
    await writeFile(
      join(own, 'tokens.json'),
      JSON.stringify({
        document: later.map((n) => Math.floor(n / 20)),
        position: later.map((n) => n % 20),
        token: later.map((n) => ` ${n}`),
      }),
    );
    const runs = [];
    for (const [there, named, dropFirst] of [
      [files.activations, tokens, ', dropFirst: 2'],
      [own, own, ''],
    ]) {
      const { file, out } = await study(named, 'resid_post');
      const text = (await readFile(file, 'utf8')).replace(files.activations, there);
      await writeFile(file, text.replace(', layer: 6', `, layer: 6${dropFirst}`));
      expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
      const { saes, groups } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
      runs.push({ saes, metrics: groups[0].metrics, examples: await examplesIn(out) });
    }
    expect(runs[0].examples.some(({ row }) => row === later.length - 1)).toBe(true);
    expect(runs[0]).toEqual(runs[1]);
  });

  it('refuses tokens of another number of rows before it trains', async () => {
    const few = join(files.folder, 'few.json');
    await writeFile(few, JSON.stringify({ document: [0], position: [0], token: ['a'] }));
    const { file, out } = await study(few, 'resid_post');
    const { code, stderr } = await cli('run', file, '--out', out);
    expect(code).toBe(3);
    expect(stderr).toContain(
      `${few}, tokens: tokens and activations differ in rows; found 1 rows; expected 400, one a row of ${files.activations}`,
    );
    expect(stderr).not.toContain('training');
  });

  it('refuses a site that could leave its folder', async () => {
    const { file, out } = await study(tokens, '../elsewhere');
    const { code, stderr } = await cli('run', file, '--out', out);
    expect(code).toBe(3);
    expect(stderr).toMatch(/activations\.site: letters, digits, dots, underscores and hyphens only/);
  });
});

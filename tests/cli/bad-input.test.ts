// What the command line says of wrong arguments, damaged files and folders that are in use.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tinyStudy } from '../study/tiny-study.js';
import { cli, startCli } from './cli.js';

/** One clear line, no stack. */
function oneMessage(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('reseed: '));
  expect(lines).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  return lines[0];
}

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, stdout } = await cli('--help');
    expect(code).toBe(0);
    for (const word of ['run', 'compare', 'null', 'doctor', 'Start here', 'Exit codes'])
      expect(stdout).toContain(word);
    expect((await cli('run', '--help')).stdout).toContain('--quick');
  });

  it.each([
    [['frobnicate'], /unknown command/],
    [['run'], /missing required argument/],
    [['run', 'x.yaml', '--threads', '0'], /whole number of at least 1/],
    [['run', 'x.yaml', '--kernel', 'magic'], /auto, native, portable or webgpu/],
    [['run', 'x.yaml', '--nonsense'], /unknown option/],
  ])('ends %j with exit code 2', async (args, message) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['an unknown key', ['dSae: 48', 'dsae: 48'], /study\.yaml:6:\d+, sae\.dsae: no such key/],
    [
      'an unknown layer',
      ['layers: [0]', 'layers: [0, 7]'],
      /activations\.layers: the transformer has no such layer; found 7; expected 0 … 0/,
    ],
    ['a missing model', ['model.safetensors', 'nothing.safetensors'], /nothing\.safetensors: .*no such file/],
  ] as const)('ends a study with %s with exit code 3 and nothing written', async (_, change, message) => {
    const { file, out } = await tinyStudy([[change[0], change[1]]]);
    const { code, stderr } = await cli('run', file, '--out', out);
    expect(code).toBe(3);
    expect(oneMessage(stderr)).toMatch(message);
    await expect(readdir(out)).rejects.toThrow();
  });

  it('refuses an output folder that is a file, and leaves the file alone', async () => {
    const { file, out } = await tinyStudy();
    await writeFile(out, 'mine');
    const { code, stderr } = await cli('run', file, '--out', out);
    expect(code).toBe(3);
    expect(oneMessage(stderr)).toMatch(/the output folder is not a folder; found a file/);
    expect(await readFile(out, 'utf8')).toBe('mine');
  });

  it('names a truncated checkpoint', async () => {
    const { file, out } = await tinyStudy([['epochs: 40', 'epochs: 1']]);
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
    const weights = join(out, 'saes', 'layer0.plus.seed1', 'sae_weights.safetensors');
    await writeFile(weights, (await readFile(weights)).subarray(0, 500));
    const { code, stderr } = await cli('run', file, '--out', out);
    expect(code).toBe(3);
    expect(oneMessage(stderr)).toContain(weights);
  });

  it('lets only one run use a folder', async () => {
    const { file, out } = await tinyStudy([['epochs: 40', 'epochs: 100000']]);
    const { child, finished } = startCli(['run', file, '--out', out]);
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        if (String(chunk).includes('training:')) resolve();
      });
    });
    const second = await cli('run', file, '--out', out);
    child.kill('SIGKILL');
    await finished;
    expect(second.code).toBe(3);
    expect(oneMessage(second.stderr)).toMatch(/another run is using this folder; found process \d+/);
  });

  it('takes a folder whose owner was killed', async () => {
    const { file, out } = await tinyStudy([['epochs: 40', 'epochs: 1']]);
    await mkdir(join(out, '.work'), { recursive: true });
    await writeFile(join(out, '.work', 'lock'), '999999999');
    expect(await cli('run', file, '--out', out)).toMatchObject({ code: 0 });
  });
});

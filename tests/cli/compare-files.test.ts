// `reseed compare` of files that leave something open: what is asked and what is not, what is stated of one SAE alone, and that
// the advice of a refusal, followed, works.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { saeArgument } from '../../src/cli/sae-argument.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { parseResults } from '../../src/results/read-results.js';
import { type Matrix, takeRows, transpose, zeros } from '../../src/tensor/index.js';
import { plantedActivations, plantedSae, writeActivations } from '../study/planted-saes.js';
import { cli } from './cli.js';

let folder: string;
let x: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-files-'));
  x = await writeActivations(join(folder, 'x.safetensors'), plantedActivations());
});

const compare = (...args: string[]) => cli('compare', ...args, '--draws', '2', '--threads', '1');

async function resultsOf(...args: string[]) {
  const { stdout, stderr } = await compare(...args, '--json', '-');
  expect(stderr).not.toMatch(/^reseed: /m);
  return parseResults(JSON.parse(stdout));
}

const asTensor = ({ rows, cols, data }: Matrix) => ({ shape: [rows, cols], data });

/** A plain state dict that does not say how it encodes. */
async function plain(name: string, n: number, columns?: Int32Array): Promise<string> {
  const { encoder, encoderBias, decoder } = plantedSae(n);
  const picked = (m: Matrix) => (columns ? transpose(takeRows(transpose(m), columns)) : m);
  const file = join(folder, name);
  const tensors = {
    'encoder.weight': asTensor(picked(encoder)),
    'encoder.bias': { shape: [encoder.rows], data: encoderBias },
    'decoder.weight': asTensor(transpose(picked(decoder))),
  };
  await writeFile(file, encodeSafetensors(tensors));
  return file;
}

describe('weights alone', () => {
  it('are compared though nothing says how they encode', async () => {
    const files = [await plain('a.safetensors', 0), await plain('b.safetensors', 1)];
    const { saes, groups } = await resultsOf(...files);
    expect(saes.map(({ architecture }) => architecture)).toEqual(['unknown', 'unknown']);
    expect(groups[0].metrics['decoder.max']?.mean).toBeGreaterThan(0.6);
    expect(groups[0].metrics['encoder.max']?.mean).toBeGreaterThan(0.6);
    const { stdout } = await compare(...files);
    expect(stdout).toContain('unknown architecture, 16 dimensions, 48 features.');
  });

  it('of decoders that stand in a .npy or another file alone give the same scores, and none of encoders', async () => {
    const files: string[] = [];
    for (const n of [0, 1]) {
      const { decoder } = plantedSae(n);
      const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${decoder.rows}, ${decoder.cols}), }\n`;
      const head = Uint8Array.of(0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0);
      const file = join(folder, `decoder${n}.npy`);
      const { buffer, byteOffset, byteLength } = decoder.data;
      await writeFile(
        file,
        Buffer.concat([
          head,
          Buffer.from(header),
          Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)),
        ]),
      );
      files.push(file);
    }
    const turned = join(folder, 'turned.safetensors');
    await writeFile(
      turned,
      encodeSafetensors({ 'decoder.weight': asTensor(transpose(plantedSae(1).decoder)) }),
    );
    const whole = await resultsOf(await plain('a.safetensors', 0), await plain('b.safetensors', 1));
    for (const other of [files[1], turned]) {
      const { groups, saes } = await resultsOf(files[0], other);
      expect(groups[0].metrics['decoder.matched']?.mean).toBe(
        whole.groups[0].metrics['decoder.matched']?.mean,
      );
      expect(Object.keys(groups[0].metrics).filter((id) => /encoder|shared/.test(id))).toEqual([]);
      expect(saes[0].weights).not.toHaveProperty('encoder');
    }
    const alone = await compare(...files);
    expect(alone.stderr).toContain(`${files[1]}: taken for a decoder alone, one row a feature\n`);
    const { stderr } = await compare(...files, '--activations', x);
    expect(stderr).toContain(
      'without --activations, a .npy file of decoder rows, or a tensor W_dec alone, will do',
    );
  });

  it('of a square decoder are refused with names that tell, and those tell', async () => {
    const data = Float32Array.from({ length: 16 }, (_, i) => ((i * 7) % 5) + i / 9);
    const write = async (name: string, tensor: string) => {
      const file = join(folder, name);
      await writeFile(file, encodeSafetensors({ [tensor]: { shape: [4, 4], data } }));
      return file;
    };
    const refused = await compare(
      await write('s1.safetensors', 'decoder'),
      await write('s2.safetensors', 'decoder'),
    );
    expect(refused.stderr).toMatch(
      /it is not clear which axis counts features.*called W_dec \(one row a feature\)/,
    );
    const rows = [await write('s1.safetensors', 'W_dec'), await write('s2.safetensors', 'W_dec')];
    expect((await resultsOf(...rows)).groups[0].metrics['decoder.max']?.mean).toBeCloseTo(1, 5);
  });
});

describe('what activations need', () => {
  it('is asked for by the names of flags, which answer it', async () => {
    const files = [await plain('a.safetensors', 0), await plain('b.safetensors', 1)];
    const refused = await compare(...files, '--activations', x);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /its activation function \(--architecture relu, .*topk or abstopk with --k/,
    );
    const { saes } = await resultsOf(...files, '--activations', x, '--architecture', 'topk', '--k', '3');
    expect(saes.map(({ architecture, k }) => [architecture, k])).toEqual([
      ['topk', 3],
      ['topk', 3],
    ]);
  });

  it('may be stated of each SAE alone', async () => {
    const files = [await plain('a.safetensors', 0), await plain('b.safetensors', 1)];
    const args = [`${files[0]}:architecture=topk,k=3`, `${files[1]}:architecture=relu`];
    const { saes, reseed } = await resultsOf(...args, '--activations', x);
    expect(saes.map(({ architecture }) => architecture)).toEqual(['topk', 'relu']);
    expect(saes.map(({ id }) => id)).toEqual(['a.safetensors', 'b.safetensors']);
    expect(reseed.command).toContain(args[0]);
  });

  it('may be said of a transcoder among SAEs, whose fit alone is that of the targets', async () => {
    const files = [await plain('a.safetensors', 0), await plain('b.safetensors', 1)];
    const zero = await writeActivations(join(folder, 'zero.safetensors'), zeros(400, 16));
    const stated = ['--architecture', 'topk', '--k', '3', '--activations', x, '--targets', zero];
    const { saes } = await resultsOf(`${files[0]}:transcoder=yes`, files[1], ...stated);
    const plainly = await resultsOf(...files, ...stated.slice(0, 6));
    expect(saes[1].fit).toEqual(plainly.saes[1].fit);
    expect(saes[0].fit?.explainedVariance).toBe(0);
    const all = await resultsOf(files[0], `${files[1]}:transcoder=no`, ...stated, '--transcoder');
    expect(all.saes.map(({ fit }) => fit)).toEqual(saes.map(({ fit }) => fit));
  });

  it('may be activations of one SAE alone, row by row of the same', async () => {
    // The same SAE in a model whose coordinates stand the other way round: codes agree, directions do not.
    const other = Int32Array.from({ length: 16 }, (_, j) => 15 - j);
    const files = [await plain('a.safetensors', 0), await plain('c.safetensors', 0, other)];
    const rows = plantedActivations();
    const turned = await writeActivations(
      join(folder, 'turned-x.safetensors'),
      transpose(takeRows(transpose(rows), other)),
    );
    const stated = ['--architecture', 'topk', '--k', '3'];
    for (const args of [
      [files[0], `${files[1]}:activations=${turned}`, '--activations', x],
      [`${files[0]}:activations=${x}`, `${files[1]}:activations=${turned}`],
    ]) {
      const { metrics } = (await resultsOf(...args, ...stated)).groups[0];
      expect(metrics['activation.max.live']?.mean).toBeCloseTo(1, 5);
      expect(metrics['decoder.matched']?.mean).toBeLessThan(0.9);
    }
    const wrong = await compare(files[0], `${files[1]}:activations=${turned}`, ...stated);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(
      /a\.safetensors: others have activations, and it has none; expected .*a\.safetensors:activations=FILE, or --activations FILE/,
    );
  });

  it('may be sequences without their first positions, which is said', async () => {
    const { rows, cols, data } = plantedActivations();
    const file = join(folder, 'sequences.safetensors');
    await writeFile(file, encodeSafetensors({ x: { shape: [rows / 8, 8, cols], data } }));
    const files = [await plain('a.safetensors', 0), await plain('b.safetensors', 1)];
    const args = [...files, '--architecture', 'topk', '--k', '3', '--activations', file, '--drop-first', '2'];
    const { stderr, stdout } = await compare(...args, '--json', '-');
    expect(stderr).toContain(
      'x [50 × 8 × 16]: 300 rows, one a position, without the first 2 of each sequence\n',
    );
    expect(parseResults(JSON.parse(stdout)).groups[0].activations?.rows).toBe(300);
  });

  it('may be told to leave out what stands beside the weights', async () => {
    const { encoder, decoder } = plantedSae(0);
    const odd = join(folder, 'odd.safetensors');
    const matrices = { 'encoder.weight': asTensor(encoder), 'decoder.weight': asTensor(transpose(decoder)) };
    await writeFile(
      odd,
      encodeSafetensors({ ...matrices, input_scale: { shape: [1], data: Float32Array.of(2) } }),
    );
    const b = await plain('b.safetensors', 1);
    const refused = await compare(odd, b);
    expect(refused.stderr).toMatch(/tensor input_scale: .*--ignore input_scale/);
    expect((await resultsOf(odd, b, '--ignore', 'input_scale')).saes).toHaveLength(2);
    expect((await resultsOf(`${odd}:ignore=input_scale`, b)).saes).toHaveLength(2);
  });
});

describe('an SAE that is named with settings', () => {
  it('has a path and its settings', async () => {
    expect(await saeArgument('dir/a.pt')).toEqual({ path: 'dir/a.pt', own: {} });
    expect(await saeArgument('C:/a.pt')).toEqual({ path: 'C:/a.pt', own: {} });
    expect(await saeArgument('a:b.pt:architecture=topk,k=32,ignore=mean,ignore=std')).toEqual({
      path: 'a:b.pt',
      own: { architecture: 'topk', k: 32, ignore: ['mean', 'std'] },
    });
    expect(await saeArgument('a.pt:subtract-decoder-bias=no,activations=x.npz#layer3')).toEqual({
      path: 'a.pt',
      own: { subtractDecoderBias: 'no', activations: 'x.npz#layer3' },
    });
  });

  it('is a path where there is one of that name', async () => {
    const file = join(folder, 'odd:k=3');
    await writeFile(file, '');
    expect(await saeArgument(file)).toEqual({ path: file, own: {} });
  });

  it.each([
    ['a.pt:k=0', 'found k=0; expected k=N, a whole number from 1 on'],
    ['a.pt:architecture=foo', 'expected architecture=relu or architecture=topk'],
    ['a.pt:k=2,width=3', 'found width=3; expected architecture=…, k=…'],
    ['a.pt:k=2,relu', 'found relu; expected architecture=…'],
    ['a.pt:activations=', 'expected activations=NAME'],
    ['a.pt:transcoder=', 'expected transcoder=yes or transcoder=no'],
    ['a.pt:subtract-decoder-bias=maybe', 'expected subtract-decoder-bias=yes or subtract-decoder-bias=no'],
  ])('%s is refused', async (text, message) => {
    await expect(saeArgument(text)).rejects.toThrow(message);
  });
});

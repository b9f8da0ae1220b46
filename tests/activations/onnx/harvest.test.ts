// `harvest` of the fixture against what NumPy computed (tests/fixtures/make-onnx.py); interrupted, resumed, and refused. Runs over the
// packages that stand in for ONNX Runtime and the tokenizers, and over the real ones of the folder HARVEST_PACKAGES, where it is set.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openActivations } from '../../../src/activations/activation-rows.js';
import { type HarvestOptions, harvest } from '../../../src/activations/onnx/harvest.js';
import { openModel } from '../../../src/activations/onnx/open-model.js';
import { loadRuntime } from '../../../src/activations/onnx/runtime.js';
import { loadTokenizer } from '../../../src/activations/onnx/tokenizer.js';
import { readTokens } from '../../../src/activations/tokens.js';
import { environment, fixtures, installed } from './installed.js';

interface Fixture {
  readonly texts: string[];
  readonly document: number[];
  readonly position: number[];
  readonly token: string[];
  readonly states: number[][][];
}

const post = (block: number) => `blocks.${block}.hook_resid_post`;

const before = process.cwd();
let fixture: Fixture;
beforeAll(async () => {
  Object.assign(process.env, environment);
  fixture = JSON.parse(await readFile(join(fixtures, 'harvest.json'), 'utf8'));
});
afterAll(() => process.chdir(before));

let folder: string;
let text: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-harvest-'));
  text = join(folder, 'texts.jsonl');
  await writeFile(text, fixture.texts.map((one) => `${JSON.stringify({ text: one })}\n`).join(''));
});

type Changes = Partial<Omit<HarvestOptions, 'tokenizer' | 'model'>> & {
  readonly graph?: string;
  readonly separator?: string | false;
};

async function options({ graph = fixtures, separator, ...changes }: Changes): Promise<HarvestOptions> {
  const model = await openModel(graph, { runtime: await loadRuntime(), threads: 1 });
  return {
    model,
    text,
    to: join(folder, 'out'),
    tokenizer: await loadTokenizer(model.tokenizerFile, separator === undefined ? {} : { separator }),
    tensors: [post(1)],
    context: 8,
    batch: 2,
    keepSeparators: false,
    dropFirst: 0,
    float16: false,
    shardRows: 16,
    ...changes,
  };
}

const run = async (changes: Changes = {}) => harvest(await options(changes));
const refusal = (changes: Changes) => run(changes).catch((error: Error) => error.message);

async function rowsAt(path: string): Promise<number[][]> {
  const x = await openActivations(path);
  const { rows, cols, data } = await x.read(0, x.rows);
  await x.close();
  return Array.from({ length: rows }, (_, n) => Array.from(data.subarray(n * cols, (n + 1) * cols)));
}

function expectStates(found: number[][], wanted: number[][], relative: number): void {
  expect(found.length).toBe(wanted.length);
  for (const [n, row] of found.entries()) {
    const size = Math.hypot(...wanted[n]);
    expect(Math.hypot(...row.map((value, j) => value - wanted[n][j])) / size).toBeLessThan(relative);
  }
}

const real = process.env['HARVEST_PACKAGES'];

describe.each(['small', ...(real ? ['real'] : [])])('harvest with the %s packages', (which) => {
  beforeAll(async () => {
    const own = which === 'small' ? await installed('onnxruntime-node', '@huggingface/tokenizers') : real;
    process.chdir(own as string);
  });

  it('gives the hidden states that NumPy computes, and their tokens', async () => {
    const to = join(folder, 'out');
    expect(await run({ tensors: [post(0), post(2)] })).toEqual({
      rows: 27,
      contexts: 4,
      width: 8,
      shards: 2,
    });
    for (const block of [0, 2]) {
      expectStates(await rowsAt(`${to}#${post(block)}`), fixture.states[block], 1e-5);
    }
    const { document, position, token, texts } = await readTokens(to);
    expect([...document]).toEqual(fixture.document);
    expect([...position]).toEqual(fixture.position);
    expect(Array.from(token, (t) => texts[t])).toEqual(fixture.token);
    const shards = (await readdir(to)).filter((name) => name.startsWith('activations'));
    expect(shards).toEqual(['activations-00000.safetensors', 'activations-00001.safetensors']);
  });

  it('takes weights from a file beside the model', async () => {
    await run({ graph: join(fixtures, 'external.onnx') });
    expectStates(await rowsAt(join(folder, 'out')), fixture.states[1], 1e-5);
  });

  it('takes any tensor by its own name, of any batch alike', async () => {
    await run({ tensors: ['/model/layers.1/Add_1_output_0'], batch: 3, context: 8 });
    expectStates(await rowsAt(join(folder, 'out')), fixture.states[1], 1e-5);
  });

  it('takes one tensor under two names', async () => {
    await run({ tensors: ['blocks.1.hook_resid_pre', post(0)] });
    const [pre, same] = ['blocks.1.hook_resid_pre', post(0)].map((name) =>
      rowsAt(`${join(folder, 'out')}#${name}`),
    );
    expect(await pre).toEqual(await same);
    expectStates(await pre, fixture.states[0], 1e-5);
  });

  it('stores float16 where asked', async () => {
    await run({ float16: true });
    const x = await openActivations(join(folder, 'out'));
    await x.close();
    expectStates(await rowsAt(join(folder, 'out')), fixture.states[1], 1e-3);
    const bytes = await readFile(join(folder, 'out', 'activations-00000.safetensors'));
    expect(bytes.toString('latin1', 8, 120)).toContain('"dtype":"F16"');
  });

  it('takes the rows of separators where asked, and none where there is no separator', async () => {
    const rows = async (to: string, changes: Changes) =>
      (await run({ to: join(folder, to), ...changes })).rows;
    expect(await rows('kept', { keepSeparators: true })).toBe(32);
    expect(await rows('without', { separator: false })).toBe(24);
    expect(await rows('named', { separator: '[SEP]' })).toBe(27);
    expect(await rows('few', { contexts: 1 })).toBe(7);
  });

  it('leaves out first positions where asked, whatever stands there', async () => {
    const to = join(folder, 'later');
    const all = fixture.position.flatMap((p, n) => (p >= 3 ? [n] : []));
    expect(all.length).toBeLessThan(27);
    expect((await run({ to, dropFirst: 3 })).rows).toBe(all.length);
    expectStates(
      await rowsAt(to),
      all.map((n) => fixture.states[1][n]),
      1e-5,
    );
    const { position, token, texts } = await readTokens(to);
    expect([...position]).toEqual(all.map((n) => fixture.position[n]));
    expect(Array.from(token, (t) => texts[t])).toEqual(all.map((n) => fixture.token[n]));
    expect(await refusal({ to, dropFirst: 2 })).toMatch(/later, dropFirst: the folder holds another harvest/);
    expect(await refusal({ dropFirst: 8 })).toMatch(
      /--drop-first: no position of a sequence would be left; found 8; expected at most 7, or a larger --context/,
    );
  });

  it('writes a folder that no other process is writing', async () => {
    const to = join(folder, 'out');
    await mkdir(to);
    await writeFile(join(to, '.lock'), String(process.ppid));
    expect(await refusal({})).toBe(
      `${to}: another run is using this folder; found process ${process.ppid}; expected a folder of its own for each run (--to)`,
    );
    expect(await readdir(to)).toEqual(['.lock']);
    // The process of this number is gone: it was killed.
    await writeFile(join(to, '.lock'), String(2 ** 22 + 1));
    expect((await run()).rows).toBe(27);
    expect(await readdir(to)).not.toContain('.lock');
  });

  it('refuses what cannot be taken', async () => {
    expect(await refusal({ tensors: [post(3)] })).toMatch(
      /--tensor blocks\.3\.hook_resid_post: it is no tensor .*found sites blocks\.0\.hook_resid_pre … blocks\.2\.hook_resid_post; expected one of those that --list shows/,
    );
    expect(await refusal({ tensors: ['/model/Unsqueeze_output_0'] })).toMatch(/it is no tensor of the model/);
    expect(await refusal({ separator: '[BOS]' })).toMatch(
      /--separator: .*found "\[BOS\]"; expected --separator/,
    );
    await writeFile(text, '{"text": "the cat"}\n');
    expect(await refusal({})).toMatch(
      /texts\.jsonl: the text fills no sequence; found 2 tokens; expected at least 7, or a smaller --context/,
    );
    await writeFile(text, '');
    expect(await refusal({ to: join(folder, 'empty') })).toMatch(/fills no sequence; found 0 tokens/);
  });

  it('refuses a model whose opset is unknown, without its weights, and without a tokenizer’s separator', async () => {
    const graph = join(folder, 'model.onnx');
    await cp(join(fixtures, 'external.onnx'), graph);
    await cp(join(fixtures, 'tokenizer.json'), join(folder, 'tokenizer.json'));
    expect(await refusal({ graph })).toMatch(
      /model\.onnx, weights\.bin: a file that holds weights of the model is missing; expected .*weights\.bin/,
    );
    await cp(join(fixtures, 'weights.bin'), join(folder, 'weights.bin'));
    expect(await refusal({ graph })).toMatch(
      /tokenizer\.json, bos_token, .*: it has no token that separates texts; found nothing in tokenizer_config\.json; expected --separator TOKEN .*or --no-separator/,
    );
    const bytes = await readFile(join(fixtures, 'model.onnx'));
    // The version of the operators: field 2 of the last field of the model.
    const at = bytes.lastIndexOf(Buffer.from([0x10, 17]));
    bytes[at + 1] = 99;
    await writeFile(graph, bytes);
    expect(await refusal({ graph })).toMatch(/model\.onnx: ONNX Runtime cannot run it; found .*opset/i);
    await writeFile(graph, bytes.subarray(0, 5000));
    expect(await refusal({ graph })).toMatch(/model\.onnx: it is not an ONNX model; found a field/);
    await writeFile(graph, '');
    expect(await refusal({ graph })).toMatch(/it is not an ONNX model; found no graph in it/);
  });

  it('continues where it was stopped, and ends with the same bytes', async () => {
    const whole = join(folder, 'whole');
    await run({ to: whole });
    const wanted = await bytesIn(whole);
    for (const stopAt of [1, 2, 3, 4, 5]) {
      const to = join(folder, `stopped-${stopAt}`);
      const controller = new AbortController();
      const all = await options({ to, signal: controller.signal, shardRows: 1, batch: 1 });
      let reads = 0;
      const tokenizer = {
        ...all.tokenizer,
        textOf: all.tokenizer.textOf,
        encode(given: string) {
          if (++reads === stopAt) controller.abort();
          return all.tokenizer.encode(given);
        },
      };
      await harvest({ ...all, tokenizer }).catch((error: Error) => expect(error.message).toBe('cancelled'));
      await run({ to, shardRows: 1, batch: 1 });
      const again = join(folder, `again-${stopAt}`);
      await run({ to: again, shardRows: 1, batch: 1 });
      expect(await bytesIn(to)).toEqual(await bytesIn(again));
    }
    // A shard that is gone is made again, and so are the tokens.
    await rm(join(whole, 'activations-00001.safetensors'));
    await rm(join(whole, 'tokens.parquet'));
    await writeFile(join(whole, '.tokens.parquet.999999999.tmp'), 'left by a run that was killed');
    await run({ to: whole });
    expect(await bytesIn(whole)).toEqual(wanted);
  });

  it('does not run the model again for what is there', async () => {
    await run();
    const all = await options({});
    const runtime = {
      ...all.model.runtime,
      open: async () => {
        throw new Error('the model was opened');
      },
    };
    expect(await harvest({ ...all, model: { ...all.model, runtime } })).toMatchObject({ rows: 27 });
  });

  it('mixes nothing: another harvest, or a folder with other files, is refused', async () => {
    await run();
    expect(await refusal({ context: 9 })).toMatch(
      /out, context: the folder holds another harvest; found 8; expected 9, or another --to/,
    );
    expect(await refusal({ tensors: [post(0)] })).toMatch(/out, model: the folder holds another harvest/);
    await writeFile(text, `${JSON.stringify({ text: fixture.texts[0] })}\n`);
    expect(await refusal({})).toMatch(/out, text: the folder holds another harvest/);
    expect(await refusal({ to: folder })).toMatch(
      /the folder holds other files; found out, texts\.jsonl; expected a new folder/,
    );
  });
});

async function bytesIn(to: string): Promise<Record<string, string>> {
  const names = (await readdir(to)).sort();
  const files = await Promise.all(names.map((name) => readFile(join(to, name), 'base64')));
  return Object.fromEntries(names.map((name, i) => [name, files[i]]));
}

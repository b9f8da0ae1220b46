// `reseed harvest` from the outside: what is listed, taken and told; killed and run again; and what it says without its packages.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { environment, fixtures, installed } from '../activations/onnx/installed.js';
import { startCli } from './cli.js';

let folder: string;
beforeAll(async () => {
  folder = await installed('onnxruntime-node', '@huggingface/tokenizers');
  const { texts } = JSON.parse(await readFile(join(fixtures, 'harvest.json'), 'utf8')) as { texts: string[] };
  const lines = Array.from({ length: 20 }, (_, i) => JSON.stringify({ text: texts[i % 2] }));
  await writeFile(join(folder, 'texts.jsonl'), `${lines.join('\n')}\n`);
});

function start(args: readonly string[], cwd = folder, env: Record<string, string> = {}) {
  return startCli(['harvest', ...args], { ...environment, ...env }, cwd);
}

const run = (...args: string[]) => start(args).finished;
const site = 'blocks.1.hook_resid_post';
const taking = (to: string) =>
  [
    fixtures,
    'texts.jsonl',
    '--tensor',
    site,
    '--to',
    to,
    '--context',
    '8',
    '--batch',
    '1',
    '--shard-rows',
    '7',
  ] as const;

describe('reseed harvest', () => {
  it('lists what can be taken', async () => {
    const { code, stdout } = await run(fixtures, '--list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/model\.onnx: \d+ tensors with a row for each token: name, width, operator, site/);
    expect(stdout).toMatch(
      /^\/model\/layers\.1\/Add_1_output_0 +8 {2}Add {2}blocks\.1\.hook_resid_post, blocks\.2\.hook_resid_pre$/m,
    );
    expect(stdout).not.toContain('Softmax');
  });

  it('takes them, says how many, and does nothing the second time', async () => {
    const { code, stdout, stderr } = await run(...taking('out'));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(
      /^out: 300 rows, 8 wide, from 45 sequences; 45 shards and out\/tokens\.parquet, \d+ rows a second$/m,
    );
    expect(stderr).toMatch(/onnxruntime-node, \d+ threads/);
    expect(stderr).toMatch(/harvest .* 100 % · 300 rows/);
    const before = await bytesIn(join(folder, 'out'));
    expect((await run(...taking('out'))).stdout).toMatch(/300 rows, .*tokens\.parquet$/m);
    expect(await bytesIn(join(folder, 'out'))).toEqual(before);
  });

  it('killed anywhere and run again ends with the same bytes', async () => {
    await run(...taking('whole'));
    const wanted = await bytesIn(join(folder, 'whole'));
    const to = join(folder, 'killed');
    let kills = 0;
    for (let shards = 3; shards <= 33; shards += 10) {
      const { child, finished } = start(taking('killed'), folder, { SMALL_ONNXRUNTIME_DELAY: '20' });
      while ((await readdir(to).catch(() => [])).length < shards)
        await new Promise((then) => setTimeout(then, 5));
      child.kill('SIGKILL');
      if ((await finished).code === null) kills++;
    }
    expect(kills).toBe(4);
    const left = await readdir(to);
    expect(left).not.toContain('tokens.parquet');
    // What a kill in the middle of a write leaves.
    await writeFile(join(to, '.activations-00040.safetensors.999999999.tmp'), 'half');
    const { stdout } = await run(...taking('killed'));
    expect(stdout).toContain('killed: 300 rows');
    expect(await bytesIn(to)).toEqual(wanted);
  });

  it('stops at Ctrl-C with what is whole', async () => {
    const { child, finished } = start(taking('stopped'), folder, { SMALL_ONNXRUNTIME_DELAY: '20' });
    while ((await readdir(join(folder, 'stopped')).catch(() => [])).length < 4)
      await new Promise((then) => setTimeout(then, 5));
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect(code).toBe(130);
    expect(stderr).toContain(
      'stopped. Shards that are whole are kept: the same command continues from there.',
    );
  });

  it('says with the command what it lacks', async () => {
    const command = 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node @huggingface/tokenizers';
    const bare = await installed();
    const none = await start([fixtures, '--list'], bare).finished;
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(`reseed: onnxruntime-node: harvest needs a package that is not installed`);
    expect(none.stderr).toContain(command);
    const half = await installed('onnxruntime-node');
    const one = await start([fixtures, join(folder, 'texts.jsonl'), '--tensor', site, '--to', 'out'], half)
      .finished;
    expect(one.code).toBe(2);
    expect(one.stderr).toContain('reseed: @huggingface/tokenizers: harvest needs a package');
    expect(one.stderr).toContain(command);
    expect(await readdir(half)).not.toContain('out');
    await mkdir(join(bare, 'node_modules', 'onnxruntime-node'), { recursive: true });
    await writeFile(
      join(bare, 'node_modules', 'onnxruntime-node', 'index.js'),
      'throw new Error("wrong machine")',
    );
    const broken = await start([fixtures, '--list'], bare).finished;
    expect(broken.stderr).toMatch(/it is installed and cannot be loaded; found wrong machine/);
  });

  it('asks for what is missing', async () => {
    const { code, stderr } = await run(fixtures);
    expect(code).toBe(2);
    expect(stderr).toContain('the text, --tensor NAME, --to FOLDER; --list shows which tensors there are');
    expect((await run(fixtures, 'texts.jsonl', '--context', '1')).stderr).toContain(
      'whole number of at least 2',
    );
    const missing = await run('nowhere', '--list');
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('nowhere: cannot read it: there is no such file');
    const empty = await run('node_modules', '--list');
    expect(empty.stderr).toContain('there is no model in it; expected model.onnx or onnx/model.onnx');
  });
});

async function bytesIn(to: string): Promise<Record<string, string>> {
  const names = (await readdir(to)).sort();
  const files = await Promise.all(names.map((name) => readFile(join(to, name), 'base64')));
  return Object.fromEntries(names.map((name, i) => [name, files[i]]));
}

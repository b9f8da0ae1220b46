// --messages json: what a program that runs a command reads on stderr, and what a notebook shows under a cell.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorCodes } from '../../src/errors.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { Rng } from '../../src/tensor/rng.js';
import { cli, cliScript } from './cli.js';

let folder: string;
const path = (name: string) => join(folder, name);
const sae = (seed: number) => path(`sae${seed}/sae_weights.safetensors`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reseed-messages-'));
  for (const seed of [1, 2]) {
    const data = new Float32Array(32 * 8);
    new Rng(seed, 'decoder').fillNormal(data);
    mkdirSync(path(`sae${seed}`));
    writeFileSync(sae(seed), encodeSafetensors({ W_dec: { shape: [32, 8], data } }));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** fetch sets headers of its own; a browser sends these. */
const answer = (url: string, headers: Record<string, string>) =>
  new Promise<{ status: number | undefined; policy: unknown }>((found, failed) => {
    get(url, { headers }, (response) => {
      response.resume();
      found({ status: response.statusCode, policy: response.headers['content-security-policy'] });
    }).on('error', failed);
  });

const lines = (text: string) => {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

test('each line of stderr is a message, and the command that is kept knows nothing of it', async () => {
  const plain = await cli('compare', sae(1), sae(2), '--no-cache', '--draws', '2', '--json', '-');
  const told = await cli(
    '--messages',
    'json',
    'compare',
    sae(1),
    sae(2),
    '--no-cache',
    '--draws',
    '2',
    '--json',
    '-',
  );
  const without = ({ stdout }: { stdout: string }) => ({ ...JSON.parse(stdout), createdAt: '' });
  expect(without(told)).toEqual(without(plain));
  const messages = lines(told.stderr);
  expect(messages[0]).toMatchObject({ type: 'note', text: expect.stringMatching(/^kernel: /) });
  const progress = messages.filter(({ type }) => type === 'progress');
  expect(progress.length).toBeGreaterThan(2);
  for (const { stage, item, done, total } of progress) {
    expect([typeof stage, typeof item]).toEqual(['string', 'string']);
    expect(done).toBeLessThanOrEqual(total);
  }
  expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).sort((a, b) => a - b));
});

test('an error has its code and what it names, as in a program', async () => {
  const { code, stderr } = await cli('--messages', 'json', 'compare', sae(1), path('none'));
  expect(code).toBe(3);
  const error = lines(stderr).at(-1);
  expect(error).toEqual({
    type: 'error',
    code: 'input.file',
    problem: 'cannot read it: there is no such file',
    message: `${path('none')}: cannot read it: there is no such file`,
    file: path('none'),
  });
  expect(Object.keys(errorCodes)).toContain(error.code);
});

test.each([
  [['compare', '--k', 'x', 'a'], '--k'],
  [['nothing'], "unknown command 'nothing'"],
  [['null', '--d-model', '8'], '--d-sae'],
])('%j: wrong usage is such an error, too', async (args, named) => {
  const { code, stderr, stdout } = await cli('--messages', 'json', ...args);
  expect([code, stdout]).toEqual([2, '']);
  const [error, ...more] = lines(stderr);
  expect(more).toEqual([]);
  expect(error).toMatchObject({
    type: 'error',
    code: 'usage.argument',
    message: expect.stringContaining(named),
  });
});

test('--cell writes the answer, the figure and the scores, and no script', async () => {
  const { code } = await cli(
    'compare',
    sae(1),
    sae(2),
    '--no-cache',
    '--draws',
    '2',
    '--cell',
    path('cell.html'),
  );
  expect(code).toBe(0);
  const cell = readFileSync(path('cell.html'), 'utf8');
  expect(cell).toMatch(/^<div class="reseed">/);
  expect(cell).toContain('Do the features come back?');
  expect(cell).toContain('decoder.max');
  expect(cell).toMatch(/<figure[^>]*id="figure-scores"/);
  expect(cell).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)|onload=/i);
  // Nothing of its style reaches beyond the cell.
  const [, style] = /<style>([\s\S]*)<\/style>/.exec(cell)!;
  const selectors = style.replace(/\{[^{}]*\}/g, ';').split(/[;{}]/);
  for (const selector of selectors
    .map((one) => one.trim())
    .filter((one) => one !== '' && !one.startsWith('@')))
    expect(selector).toContain('.reseed');
});

test('a page that a program has opened ends with its standard input', async () => {
  await cli('compare', sae(1), sae(2), '--no-cache', '--draws', '2', '--out', path('out'));
  const page = spawn(process.execPath, [cliScript, '--messages', 'json', 'explore', path('out'), '--framed']);
  const url = await new Promise<string>((found) => {
    page.stdout.once('data', (text) => found(String(text).split('\n')[0]));
  });
  const ask = (headers: Record<string, string>, at = '') => answer(`${url}${at}`, headers);
  const frame = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
  const framed = await ask(frame);
  expect(framed.status).toBe(200);
  expect(framed.policy).toContain('frame-ancestors http://127.0.0.1:*');
  // What another page asks for itself is refused as ever.
  expect((await ask(frame, 'api/state')).status).toBe(403);
  expect((await ask({ ...frame, 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' })).status).toBe(403);
  expect((await ask({ ...frame, origin: 'http://evil.example' })).status).toBe(403);
  const ended = new Promise((end) => page.once('exit', end));
  page.stdin.end();
  expect(await ended).toBe(0);
});

test('without --framed no page may show it', async () => {
  const page = spawn(process.execPath, [cliScript, '--messages', 'json', 'explore', path('out')]);
  const url = await new Promise<string>((found) => {
    page.stdout.once('data', (text) => found(String(text).split('\n')[0]));
  });
  const frame = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
  expect((await answer(url, frame)).status).toBe(403);
  expect((await answer(url, {})).policy).toContain("frame-ancestors 'none'");
  const ended = new Promise((end) => page.once('exit', end));
  page.kill('SIGINT');
  await ended;
});

// `reseed explore` and the flags that lead to it, as processes: an address, an end at once, and what is refused.
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, exploredFolder } from '../server/folder.js';
import { plantedFiles } from '../study/planted-saes.js';
import { cli, startCli } from './cli.js';

let folder: string;
let elsewhere: string;
beforeAll(async () => {
  folder = await exploredFolder();
  elsewhere = await mkdtemp(join(tmpdir(), 'reseed-explore-'));
});
afterAll(() => {
  for (const path of [folder, elsewhere]) rmSync(path, { recursive: true, force: true });
});

/** The address that a command prints, while it goes on. */
async function served(args: readonly string[]) {
  const started = startCli(args);
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout?.on('data', (piece) => {
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(String(piece))?.[0];
      if (found !== undefined) resolve(found);
    });
    void started.finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return { ...started, url };
}

it.each([
  'SIGINT',
  'SIGTERM',
] as const)('serves a folder until %s, and ends at once though a connection is held open', async (signal) => {
  const { child, finished, url } = await served(['explore', folder]);
  expect((await ask(url, { path: '/' })).status).toBe(200);
  const { port } = new URL(url);
  // A browser keeps its connection open.
  const held = fetch(`http://127.0.0.1:${port}/data/features.parquet`).then((answer) => answer.text());
  await held;
  const asked = performance.now();
  child.kill(signal);
  expect(await finished).toMatchObject({ code: 0, stderr: '' });
  expect(performance.now() - asked).toBeLessThan(3000);
});

it('serves a page that compares files where no folder is given, and refuses what is about one', async () => {
  const { child, finished, url } = await served(['explore']);
  const state = JSON.parse((await ask(url, { path: '/api/state' })).text);
  expect(state).toMatchObject({ empty: true, files: {}, weights: [], command: 'reseed explore' });
  expect((await ask(url, { path: '/data/results.json' })).status).toBe(404);
  child.kill('SIGINT');
  expect(await finished).toMatchObject({ code: 0, stderr: '' });
  for (const flags of [['--weights'], ['--activations', 'x.npy'], ['--single-file', 'x.html']]) {
    const { code, stderr } = await cli('explore', ...flags);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        `${flags[0]}: it is about a folder, and none is given; found reseed explore without a folder; expected reseed explore <folder> ${flags[0]}`,
      ),
    ]);
  }
});

it('listens at the port that is asked for', async () => {
  const first = await served(['explore', folder]);
  const { port } = new URL(first.url);
  const second = await cli('explore', folder, '--port', port);
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--port: it cannot listen there; found \d+, which is in use/),
  });
  first.child.kill('SIGINT');
  await first.finished;
});

it('writes one file, and refuses what is too much for one', async () => {
  const file = join(elsewhere, 'one.html');
  expect((await cli('explore', folder, '--single-file', file)).stdout).toMatch(/one\.html: \d+\.\d MB/);
  const html = await readFile(file, 'utf8');
  expect(html).toMatch(
    /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/,
  );
  expect(html).not.toMatch(/<(script|link)[^>]+(src|href)="(?!data:)/);
  await truncate(join(folder, 'features.parquet'), 65e6);
  const { code, stderr } = await cli('explore', folder, '--single-file', file);
  expect([code, stderr]).toEqual([
    3,
    expect.stringMatching(/too much for one file; found 65 MB of Parquet; expected at most 64 MB/),
  ]);
});

it('refuses folders that are none, or have nothing to show in one file', async () => {
  const missing = await cli('explore', join(folder, 'missing'));
  expect([missing.code, missing.stderr]).toEqual([
    3,
    expect.stringMatching(/no folder that can be explored; found nothing/),
  ]);
  const empty = await cli('explore', elsewhere, '--single-file', join(elsewhere, 'x.html'));
  expect([empty.code, empty.stderr]).toEqual([
    3,
    expect.stringMatching(/there are no results in this folder yet/),
  ]);
});

it('compares and then serves, with the weights of the SAEs that were named', async () => {
  const { saes, activations } = await plantedFiles(2);
  const out = join(elsewhere, 'compared');
  const { child, finished, url } = await served([
    'compare',
    ...saes,
    '--activations',
    activations,
    '--draws',
    '2',
    '--no-cache',
    '--out',
    out,
    '--explore',
  ]);
  const state = JSON.parse((await ask(url, { path: '/api/state' })).text);
  expect(state.weights).toEqual(['seed0', 'seed1']);
  const found = JSON.parse((await ask(url, { path: '/api/feature/seed0/1?others=seed1' })).text);
  expect(found.codeRows).toBeGreaterThan(0);
  expect(found.others[0].nearest[0].codes).toBeGreaterThan(0.5);
  child.kill('SIGINT');
  expect((await finished).code).toBe(0);
});

// The server of the explorer: what it serves, and what nobody gets from it.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { type Explorer, explore } from '../../src/server/explore.js';
import type { FolderState } from '../../src/server/protocol.js';
import { partOf } from '../../src/server/ranges.js';
import { type Answer, type Asked, ask, exploredFolder, saes } from './folder.js';

let folder: string;
let explorer: Explorer;
let token: string;
const elsewhere = mkdtempSync(join(tmpdir(), 'reseed-elsewhere-'));

beforeAll(async () => {
  folder = await exploredFolder();
  await writeFile(join(elsewhere, 'secret'), 'nobody’s business');
  explorer = await explore(folder);
  const page = await get('/');
  token = /name="reseed-token" content="([\w-]{20,})"/.exec(page.text)?.[1] ?? '';
});

afterAll(async () => {
  await explorer.close();
  for (const path of [folder, elsewhere]) rmSync(path, { recursive: true, force: true });
});

function get(path: string, more: Omit<Asked, 'path'> = {}): Promise<Answer> {
  return ask(explorer.url, { path, ...more });
}

async function state(): Promise<FolderState> {
  return JSON.parse((await get('/api/state')).text) as FolderState;
}

describe('the page', () => {
  it('comes with its script and style, under a policy that lets nothing else run', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(token).not.toBe('');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    // Together they isolate it, so that its threads may share memory.
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(page.headers['cross-origin-embedder-policy']).toBe('require-corp');
    expect(page.text).not.toMatch(/<script(?![^>]*src=)/);
    const linked = [...page.text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(linked).toHaveLength(2);
    for (const path of linked) expect((await get(`/${path}`)).status).toBe(200);
  });

  it('asks for nothing from elsewhere', async () => {
    const page = await get('/');
    const script = /src="\.\/(assets\/[^"]+)"/.exec(page.text)?.[1];
    const texts = [page.text, (await get(`/${script}`)).text];
    const addresses = texts.flatMap((text) => text.match(/https?:\/\/[\w.-]+/g) ?? []);
    // Names of XML, and the pages that React's messages point at.
    expect(addresses.filter((one) => !/w3\.org|react\.dev|reactjs\.org/.test(one))).toEqual([]);
  });
});

describe('the state of the folder', () => {
  it('has results with their sentences, and what else is there', async () => {
    const { results, files, weights, words, name } = await state();
    expect(folder.endsWith(name)).toBe(true);
    expect(results?.groups[0].verdict).toMatch(/^These data cannot tell/);
    expect(Object.keys(files).sort()).toEqual(['features.parquet', 'report.html', 'results.json']);
    expect(weights).toEqual(saes.slice(0, 2));
    expect(words.metrics['decoder.max'].definition).toMatch(/PWMCC/);
  });

  const results = () => join(folder, 'results.json');
  let kept = '';
  beforeAll(async () => {
    kept = await readFile(results(), 'utf8');
  });
  afterEach(() => writeFile(results(), kept));

  it.each([
    [
      'another version',
      (text: string) => text.replace('reseed/results/1', 'reseed/results/2'),
      /another version/,
    ],
    ['no JSON', (text: string) => text.slice(0, 100), /not JSON/],
    ['another thing', () => '{"a": 1}', /not results of reseed/],
    ['a field missing', (text: string) => text.replaceAll('"dModel"', '"dmodel"'), /dModel/],
  ])('says of %s what is wrong', async (_, spoil, problem) => {
    await writeFile(results(), spoil(kept));
    const { results: none, problem: said } = await state();
    expect(none).toBeUndefined();
    expect(said).toMatch(problem);
  });

  it('waits for results that are not there yet', async () => {
    await rm(results());
    const { results: none, problem } = await state();
    expect([none, problem]).toEqual([undefined, undefined]);
  });
});

describe('files', () => {
  it('come whole, in parts, and not again when they are known', async () => {
    const file = await readFile(join(folder, 'features.parquet'));
    const whole = await get('/data/features.parquet');
    expect(whole.body.equals(file)).toBe(true);
    const part = await get('/data/features.parquet', { headers: { range: 'bytes=4-9' } });
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 4-9/${file.length}`]);
    expect(part.body.equals(file.subarray(4, 10))).toBe(true);
    const known = await get('/data/features.parquet', {
      headers: { 'if-none-match': String(whole.headers.etag) },
    });
    expect([known.status, known.body.length]).toEqual([304, 0]);
    const head = await get('/data/features.parquet', { method: 'HEAD' });
    expect([head.headers['content-length'], head.body.length]).toEqual([String(file.length), 0]);
    expect(
      (await get('/data/features.parquet', { headers: { range: `bytes=${file.length}-` } })).status,
    ).toBe(416);
  });

  it('come as they are now, when a run has written them again', async () => {
    await get('/data/report.html');
    await writeFile(join(folder, 'report.html'), '<title>another</title>');
    expect((await get('/data/report.html')).text).toBe('<title>another</title>');
  });

  it('of the report run no script', async () => {
    const policy = String((await get('/data/report.html')).headers['content-security-policy']);
    expect(policy).toContain("script-src 'none'");
  });
});

test.each([
  [undefined, undefined],
  ['bytes=0-3', { start: 0, end: 4 }],
  ['bytes=6-', { start: 6, end: 10 }],
  ['bytes=-4', { start: 6, end: 10 }],
  ['bytes=-40', { start: 0, end: 10 }],
  ['bytes=2-400', { start: 2, end: 10 }],
  ['bytes=10-', 'none'],
  ['bytes=5-4', 'none'],
  ['bytes=-0', 'none'],
  ['bytes=-', undefined],
  ['bytes=0-1,3-4', undefined],
  ['rows=0-1', undefined],
])('a range %j of ten bytes is %j', (header, part) => {
  expect(partOf(header, 10)).toEqual(part);
});

describe('nobody gets', () => {
  it.each([
    '/data/../results.json',
    '/data/..%2fresults.json',
    '/data/%2e%2e/%2e%2e/etc/passwd',
    '/../../../../etc/passwd',
    '/data/..\\..\\secret',
    '/data/saes/layer0.plus.seed42/cfg.json',
    '/data/',
    '/data',
    '/assets/',
    '/assets/../index.html%00.js',
    '//etc/passwd',
    '/data/.work/lock',
    '/api/feature/..%2f..%2f..%2fetc/1',
  ])('anything at %s', async (path) => {
    const { status, text } = await get(path);
    expect([400, 404]).toContain(status);
    expect(text.length).toBeLessThan(40);
  });

  it('files that links lead to outside of the folder', async () => {
    symlinkSync(join(elsewhere, 'secret'), join(folder, 'examples.parquet'));
    expect((await get('/data/examples.parquet')).status).toBe(404);
    expect((await state()).files).not.toHaveProperty('examples.parquet');
    await rm(join(folder, 'examples.parquet'));
    symlinkSync(elsewhere, join(folder, 'saes', saes[2]));
    expect((await state()).weights).toEqual(saes.slice(0, 2));
    await rm(join(folder, 'saes', saes[2]));
  });

  it.each([
    ['another host', { host: 'reseed.example:80' }],
    ['a host of this port', { host: `evil.example:${'PORT'}` }],
    ['another origin', { origin: 'http://evil.example' }],
    ['no origin', { origin: 'null' }],
    ['the origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
  ])('an answer for %s', async (_, given) => {
    const port = new URL(explorer.url).port;
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, value.replace('PORT', port)]),
    );
    for (const path of ['/', '/api/state', '/data/results.json']) {
      const { status, text } = await get(path, { headers });
      expect([status, text.length < 60]).toEqual([403, true]);
    }
  });

  it('to write anything but collections, or those without the token', async () => {
    const body = JSON.stringify({ schema: 'reseed/collections/1', collections: [] });
    const put = (path: string, headers: Record<string, string>) =>
      get(path, { method: 'PUT', headers, body });
    expect((await put('/api/collections', {})).status).toBe(403);
    expect((await put('/api/collections', { 'x-reseed-token': 'guess' })).status).toBe(403);
    expect((await put('/data/results.json', { 'x-reseed-token': token })).status).toBe(404);
    for (const method of ['POST', 'DELETE', 'PATCH', 'OPTIONS']) {
      const { status } = await get('/api/collections', { method, headers: { 'x-reseed-token': token } });
      expect(status).toBe(405);
    }
    await expect(readFile(join(folder, 'collections.json'))).rejects.toThrow(/ENOENT/);
  });

  it('in the way of others with many requests at once', async () => {
    const paths = ['/', '/data/features.parquet', '/api/state'];
    // Connections are opened in waves, or this process itself runs out of them.
    let good = 0;
    for (let wave = 0; wave < 20; wave++) {
      const asked = Array.from({ length: 500 }, (_, i) => get(paths[i % 10 === 0 ? 2 : i % 2]));
      good += (await Promise.all(asked)).filter(({ status }) => status === 200).length;
    }
    expect(good).toBe(10_000);
  });
});

describe('collections', () => {
  const headers = () => ({ 'x-reseed-token': token, 'content-type': 'application/json' });
  const put = (value: unknown) =>
    get('/api/collections', { method: 'PUT', headers: headers(), body: JSON.stringify(value) });
  const entry = {
    sae: saes[0],
    feature: 3,
    note: '<img src=x onerror=alert(1)>',
    at: '2026-01-01T00:00:00.000Z',
  };
  const value = { schema: 'reseed/collections/1', collections: [{ name: 'starred', entries: [entry] }] };

  it('are saved in the folder, and read again', async () => {
    expect(JSON.parse((await get('/api/collections')).text)).toEqual({ ...value, collections: [] });
    expect((await put(value)).status).toBe(200);
    expect(JSON.parse(await readFile(join(folder, 'collections.json'), 'utf8'))).toEqual(value);
    expect(JSON.parse((await get('/api/collections')).text)).toEqual(value);
  });

  it.each([
    ['of another version', { ...value, schema: 'reseed/collections/2' }],
    ['with a wrong index', { ...value, collections: [{ name: 'x', entries: [{ ...entry, feature: -1 }] }] }],
    ['with more than belongs there', { ...value, more: 1 }],
    ['that are none', null],
  ])('%s are refused, and what was saved stays', async (_, wrong) => {
    await put(value);
    const { status, text } = await put(wrong);
    expect([status, text]).toEqual([400, expect.stringMatching(/not collections of features/)]);
    expect(JSON.parse((await get('/api/collections')).text)).toEqual(value);
  });

  it('of too many bytes are refused', async () => {
    expect((await put({ ...value, x: 'x'.repeat(5e6) })).status).toBe(413);
  });
});

describe('weights', () => {
  it('give the nearest features, the best first', async () => {
    const others = encodeURIComponent(saes.join('\n'));
    const { status, text } = await get(`/api/feature/${saes[0]}/4?others=${others}`);
    expect(status).toBe(200);
    const { others: seen, own } = JSON.parse(text);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ sae: saes[1] });
    const sizes = (list: { cosine: number }[]) => list.map(({ cosine }) => Math.abs(cosine));
    for (const list of [seen[0].nearest, own]) {
      expect(sizes(list)).toEqual([...sizes(list)].sort((x, y) => y - x));
    }
    expect(own.map(({ feature }: { feature: number }) => feature)).not.toContain(4);
    expect([seen[0].nearest.length, own.length]).toEqual([2, 5]);
  });

  it.each([`${saes[0]}/999`, `${saes[0]}/x`, `${saes[3]}/1`])('there are none of %s', async (path) => {
    expect((await get(`/api/feature/${path}`)).status).toBe(404);
  });
});

it('refuses a port that is taken, and a folder that is none', async () => {
  await expect(explore(folder, { port: Number(new URL(explorer.url).port) })).rejects.toThrow(
    /--port: .*in use/,
  );
  await expect(explore(join(folder, 'missing'))).rejects.toThrow(
    /no folder that can be explored; found nothing/,
  );
  await expect(explore(join(folder, 'results.json'))).rejects.toThrow(/found a file/);
});

it('listens on this machine alone', () => {
  expect(new URL(explorer.url).hostname).toBe('127.0.0.1');
});

// The screen of WebGPU in a browser: its shaders run there as they are, and what they list holds every best match.

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { fromRows, Rng } from '../../src/tensor/index.js';
import { chromiumPath } from './chromium.js';

type Rows = { readonly a: number[][]; readonly b: number[][] };

/** What webgpu-page.mjs puts there. */
type Page = { listPairs(rows: Rows): Promise<Listed> };

/** What the page gives back: the adapter, or why there is none, and the pairs [row, column]. */
type Listed = { readonly problem: string } | { readonly name: string; readonly pairs: [number, number][] };

/** What is not below dist/. */
const files: Record<string, readonly [type: string, file: string]> = {
  '/': ['text/html', 'tests/browser/webgpu-page.html'],
  '/page.mjs': ['text/javascript', 'tests/browser/webgpu-page.mjs'],
};

function random(rows: number, cols: number, seed: number): number[][] {
  const rng = new Rng(seed, 'browser');
  return Array.from({ length: rows }, () => Array.from({ length: cols }, () => Math.fround(rng.normal())));
}

describe.runIf(chromiumPath)('WebGPU in a browser', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(async ({ url = '/' }, response) => {
      const path = normalize(new URL(url, 'http://localhost').pathname);
      const [type, file] = files[path] ?? ['text/javascript', join('dist', path)];
      try {
        const body = await readFile(file);
        response.setHeader('content-type', type).end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());

  it('lists every best match, and few other pairs', async () => {
    const browser = await chromium.launch({
      executablePath: chromiumPath as string,
      args: ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      const [a, b] = [random(150, 24, 1), random(130, 24, 2)];
      const listed = await page.evaluate<Listed, Rows>(
        (rows) => (window as unknown as Page).listPairs(rows),
        { a, b },
      );
      if ('problem' in listed) throw new Error(listed.problem);
      const kernel = createPortableKernel({ threads: 1 });
      const { aToB, bToA } = await kernel.bestMatches(fromRows(a), fromRows(b));
      await kernel.close();
      const found = new Set(listed.pairs.map(([i, j]) => `${i} ${j}`));
      for (const best of [aToB.signed, aToB.abs]) {
        best.index.forEach((j, i) => {
          expect(found).toContain(`${i} ${j}`);
          expect(found).toContain(`${i} ${best.secondIndex[i]}`);
        });
      }
      for (const best of [bToA.signed, bToA.abs]) {
        best.index.forEach((i, j) => {
          expect(found).toContain(`${i} ${j}`);
          expect(found).toContain(`${best.secondIndex[j]} ${j}`);
        });
      }
      expect(listed.pairs.length).toBeLessThan(8 * (a.length + b.length));
    } finally {
      await browser.close();
    }
  });
});

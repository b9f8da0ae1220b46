// The code must find things by itself: no number that was published stands in it, only in the example's claims.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseStudy } from '../../src/study/config.js';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

it('no published number of the example stands in src', () => {
  const file = at('examples/layer-0-anomaly.yaml');
  const { claims } = parseStudy(readFileSync(file, 'utf8'), file);
  // Numbers with fewer digits (0, 0.5, 32) stand in any program for reasons of their own.
  const telling = [...new Set(claims.map((c) => String(c.published)))].filter((n) => /^0\.\d{3,}$/.test(n));
  expect(telling.length).toBeGreaterThan(8);
  const found = readdirSync(at('src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(at('src'), name), 'utf8');
      return telling
        .filter((n) => new RegExp(`(?<![\\d.])0?${n.slice(1).replace('.', '\\.')}(?!\\d)`).test(text))
        .map((n) => `${name}: ${n}`);
    });
  // 0.045 and the like would be fine in words about something else; there are none.
  expect(found).toEqual([]);
});

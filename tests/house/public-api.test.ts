// What a program can import: few names, each of them explained in docs/api.md.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as api from '../../src/index.js';

const guide = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

test.each(Object.keys(api))('%s is explained in docs/api.md', (name) => {
  expect(guide).toMatch(new RegExp(`\`${name}\\b|\\b${name}\\(`));
});

// CITATION.cff names the version that is here.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { version } from '../../src/version.js';

test('the citation is of this version', () => {
  const citation = parse(readFileSync(new URL('../../CITATION.cff', import.meta.url), 'utf8'));
  expect(citation).toMatchObject({ 'cff-version': '1.2.0', version, license: 'MIT' });
});

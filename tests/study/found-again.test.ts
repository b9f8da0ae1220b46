// What a study says of SAEs does not depend on whether it has trained them or found them trained.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { selectKernel } from '../../src/kernel/select.js';
import { readResults } from '../../src/results/read-results.js';
import type { Results } from '../../src/results/results.js';
import { runStudy } from '../../src/study/run.js';
import { architectureNames } from '../../src/training/architectures/registry.js';
import { tinyStudy } from './tiny-study.js';

const kernel = selectKernel({ threads: 2 });
afterAll(() => kernel.close());

it('a study of every architecture ends with the same results when it finds its SAEs trained', async () => {
  const { file, out } = await tinyStudy([
    [
      'architecture: topk, dSae: 48, k: 4',
      `architecture: [${architectureNames.join(', ')}], dSae: 48, k: 4, sparsity: 0.01, groups: [16, 48]`,
    ],
    ['epochs: 40', 'epochs: 3'],
    ['sites: [plus, equals]', 'sites: [equals]'],
    ['group: layer0.plus', 'group: layer0.equals.topk'],
  ]);
  const withoutTime = (results: Results) => ({ ...results, createdAt: '' });
  const trained = withoutTime((await runStudy({ file, out, kernel })) as Results);
  expect(trained.groups.map(({ architecture }) => architecture)).toEqual(architectureNames);
  // With what was measured of them forgotten, too.
  await rm(join(out, '.work', 'parts'), { recursive: true });
  expect(withoutTime((await runStudy({ file, out, kernel })) as Results)).toEqual(trained);
  expect(withoutTime(await readResults(join(out, 'results.json')))).toEqual(
    JSON.parse(JSON.stringify(trained)),
  );
});

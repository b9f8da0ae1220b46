// What is kept of a group is keyed by the version of all that is measured, as recorded with the sources behind them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { measuringVersions } from '../../src/evidence/versions.js';
import { kernelVersions } from '../../src/kernel/versions.js';

const recorded: Record<string, { version: number }> = JSON.parse(
  readFileSync(new URL('../house/versions.json', import.meta.url), 'utf8'),
);
/** Versions of all that are recorded under such names, by the rest of the name. */
const under = (kind: string) =>
  Object.fromEntries(
    Object.entries(recorded).flatMap(([name, { version }]) =>
      name.startsWith(`${kind} `) ? [[name.slice(kind.length + 1), version]] : [],
    ),
  );

test('every metric, every null and every operation of the kernel has one', () => {
  expect(measuringVersions.evidence).toBe(recorded['evidence'].version);
  expect(measuringVersions.features).toBe(recorded['features'].version);
  expect(measuringVersions.metrics).toEqual(under('metric'));
  expect(measuringVersions.nulls).toEqual(under('null'));
  expect(measuringVersions.kernel).toEqual(kernelVersions);
});

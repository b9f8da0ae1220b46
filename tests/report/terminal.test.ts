// The report in a terminal: within its width, in words, and with colours only where they are asked for.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nullBand } from '../../src/metrics/nulls/null.js';
import { type MetricId, metricIds } from '../../src/metrics/registry.js';
import { shortNames } from '../../src/report/short-names.js';
import { renderTerminal } from '../../src/report/terminal.js';
import { readingOf } from '../../src/report/wording/metric-reading.js';
import { describeGroup } from '../../src/report/wording.js';
import type { MetricResult, Results } from '../../src/results/results.js';
import { fixtureResults, smaller, weightsOnly } from './fixture.js';

/** One group with every metric, negative scores, and long names. */
function everything(): Results {
  const results = smaller(1, 5);
  const [group] = results.groups;
  const [first] = Object.values(group.metrics);
  const metrics: Partial<Record<MetricId, MetricResult>> = {};
  metricIds.forEach((id, i) => {
    const low = -0.123 + 0.05 * i;
    metrics[id] = { ...first, mean: low, interval: { low: low - 0.1, high: low, level: 0.95, method: 'm' } };
  });
  const names = new Map(group.saes.map((sae, i) => [sae, `a-very-long-name/of-an-experiment/run-${i}/sae`]));
  return {
    ...results,
    saes: results.saes.map((sae) => ({ ...sae, id: names.get(sae.id)! })),
    groups: [
      {
        ...group,
        metrics,
        saes: [...names.values()],
        stability: [...names.values()].map((sae) => ({
          sae,
          scored: 1024,
          inEvery: 100,
          inNone: 300,
          inEvery07: 50,
          inEvery09: 0,
        })),
      },
    ],
  };
}

const lines = (results: Results, width = 80) => renderTerminal(results, { width }).split('\n');

it('no line is longer than 80 characters', () => {
  for (const results of [fixtureResults(), everything(), weightsOnly(), smaller(1, 2)]) {
    for (const line of lines(results)) expect(line.length, line).toBeLessThanOrEqual(80);
  }
});

it('every score has its row under its family, with null, corrected score, interval and meaning', () => {
  const text = renderTerminal(everything());
  for (const id of metricIds) expect(text).toMatch(new RegExp(`^  ${id.replaceAll('.', '\\.')} `, 'm'));
  const order = [...text.matchAll(/^(Decoder dir|Encoder|Shared|Codes|Subspaces|Displacement)/gm)];
  expect(order.map(([, family]) => family)).toHaveLength(6);
  const [plus] = smaller(1, 5).groups;
  const row = lines(smaller(1, 5)).find((line) => line.startsWith('  decoder.max '))!;
  const { mean, interval } = plus.metrics['decoder.max']!;
  expect(row.trim().split(/ {1,}/).slice(0, 4)).toEqual(['decoder.max', mean.toFixed(3), '0.299', '0.015']);
  expect(row).toContain(`${interval!.low.toFixed(3)}–${interval!.high.toFixed(3)}`);
  expect(row).toMatch(/just above chance$/);
});

it('verdict, grave findings, what could not be checked, and the features follow', () => {
  const text = renderTerminal(everything()).replace(/\n +/g, ' ');
  const at = ['\nVerdict', '\nFindings', '\nFeatures that come back'].map((title) => text.indexOf(title));
  expect(at.every((i) => i > 0)).toBe(true);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(text).toContain(describeGroup(everything().groups[0]));
  expect(text).toMatch(/fail {2}Few distinct activations\. Of 12,769/);
  expect(text).not.toContain('Nothing to do.');
  expect(text).toMatch(/1,024 +9\.8% +4\.9% +0% +29%/);
  expect(renderTerminal(weightsOnly()).replace(/\n +/g, ' ')).toMatch(
    /\d+ checks of \d+ could not be made, for lack of activations, the weights before training and the loss during training\./,
  );
});

it('with two SAEs there is no interval, and that is said', () => {
  const text = renderTerminal(smaller(1, 2));
  expect(text).toMatch(/decoder\.max {2,}0\.\d{3} .* – /);
  expect(text.replace(/\n/g, ' ')).toContain('so it takes three of them');
});

it('colours are only added where they are asked for, and change no word', () => {
  const plain = renderTerminal(everything());
  expect(plain).not.toContain('\x1b');
  const coloured = renderTerminal(everything(), { colour: true });
  expect(coloured).toContain('\x1b[1mVerdict\x1b[22m');
  expect(coloured).toContain('\x1b[31mfail\x1b[39m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours are made of
  expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(plain);
});

it.each([
  [0.3, 0.3, 'at chance', 'bad'],
  [0.2, 0.3, 'below chance', 'bad'],
  [0.32, 0.3, 'just above chance', 'bad'],
  [0.5, 0.3, 'comes back partly', 'open'],
  [0.8, 0.3, 'mostly comes back', 'good'],
  [0.99, 0.3, 'comes back', 'good'],
])('a score of %s where chance gives %s reads "%s"', (mean, chance, words, tone) => {
  const metric: MetricResult = {
    pairs: [],
    mean,
    min: mean,
    max: mean,
    n: 1,
    leftOut: 0,
    null: nullBand('random-directions', chance, 0.002, 20, true),
    corrected: (mean - chance) / (1 - chance),
  };
  expect(readingOf(metric)).toEqual({ words, tone });
  const { null: _, corrected: __, ...bare } = metric;
  expect(readingOf(bare).words).toBe('chance unknown');
  expect(readingOf({ ...bare, null: metric.null! }).words).toBe('chance is certain');
  // An interval that reaches into the band of chance is not clear of it.
  const wide = { low: Math.min(mean, chance), high: 1, level: 0.95, method: 'm' };
  if (mean > chance) expect(readingOf({ ...metric, interval: wide }).words).toBe('at chance');
});

it('short names fit and tell SAEs apart', () => {
  expect(shortNames(['a', 'b'], 8)).toEqual(['a', 'b']);
  expect(shortNames(['runs/one/seed1', 'runs/one/seed2'], 8)).toEqual(['…e/seed1', '…e/seed2']);
  expect(shortNames(['alpha/sae_weights', 'beta/sae_weights'], 10)).toEqual(['alpha…ghts', 'beta/…ghts']);
  expect(shortNames(['0x23456789ab', '0y23456789ab'], 9)).toEqual(['0x23…89ab', '0y23…89ab']);
  expect(shortNames(['0123x4567890', '0123y4567890'], 8)).toEqual(['SAE 1', 'SAE 2']);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 8, max: 20 }),
      (names, width) => {
        const short = shortNames(names, width);
        return short.every((name) => name.length <= width) && new Set(short).size === names.length;
      },
    ),
  );
});

// Claims against results: found again, refuted, or not to be told.
import { describe, expect, it } from 'vitest';
import { describeClaim } from '../../src/report/wording/claim-words.js';
import { describeFinding } from '../../src/report/wording.js';
import { judgeClaims } from '../../src/study/claims.js';
import type { Claim } from '../../src/study/config.js';
import { fixtureResults } from '../report/fixture.js';

const results = fixtureResults();
const group = results.groups[0];
const saes = results.saes.filter(({ id }) => group.saes.includes(id));
const base = { id: 'c', text: 't' };
const metric = group.metrics['decoder.max'] as NonNullable<(typeof group.metrics)['decoder.max']>;

const judge = (claim: Omit<Claim, 'id' | 'text'>, shortened = false) =>
  judgeClaims([{ ...base, ...claim }], results, shortened)[0];

describe('claims', () => {
  const measure = { group: group.id, metric: 'decoder.max', statistic: 'mean' } as const;

  it('find a number again within the tolerance, and not outside it', () => {
    const near = judge({ published: metric.mean + 0.009, tolerance: 0.01, measure });
    expect(near).toMatchObject({ verdict: 'supported', reproduced: true, measured: metric.mean });
    const far = judge({ published: metric.mean + 0.011, tolerance: 0.01, measure });
    expect(far).toMatchObject({ verdict: 'refuted', reproduced: false });
    const early = judge({ published: metric.mean + 0.011, tolerance: 0.01, measure }, true);
    expect(early).toMatchObject({ verdict: 'inconclusive', shortened: true });
    expect(describeClaim(early, results.groups)).toMatch(/^This run trained less than the study asks for/);
    expect(describeClaim(near, results.groups)).toBeUndefined();
  });

  it('are refuted by a supported finding although the number comes out again', () => {
    const supported = group.findings.find(
      (f) => f.verdict === 'supported',
    ) as (typeof group.findings)[number];
    const absent = group.findings.find((f) => f.verdict !== 'supported') as (typeof group.findings)[number];
    const claim = { published: metric.mean, tolerance: 0.01, measure };
    const refuted = judge({ ...claim, refutedBy: [supported.id, absent.id] });
    expect(refuted).toMatchObject({ verdict: 'refuted', reproduced: true, refutedBy: [supported.id] });
    expect(describeClaim(refuted, results.groups)).toBe(describeFinding(supported, group).summary);
    expect(judge({ ...claim, refutedBy: [absent.id] }).verdict).toBe('supported');
  });

  it('in words hold by their bounds', () => {
    expect(judge({ published: 'low', atMost: metric.mean + 0.01, measure }).verdict).toBe('supported');
    expect(judge({ published: 'low', atMost: metric.mean - 0.01, measure }).verdict).toBe('refuted');
    const high = judge({ published: 'high', atLeast: 0.9, measure });
    expect(high.verdict).toBe('refuted');
    expect(describeClaim(high, results.groups)).toMatch(
      /^The decoder-based score of all features is 0\.3\d*; the claim needs at least 0\.9\.$/,
    );
  });

  it('are about the null, one pair, or statistics over SAEs', () => {
    const measured = (m: Claim['measure']) => judge({ published: 'x', atMost: 1e9, measure: m }).measured;
    expect(measured({ ...measure, statistic: 'null' })).toBe(metric.null?.mean);
    const [a, b] = [saes[1], saes[0]];
    const pair = metric.pairs.find((p) => p.a === b.id && p.b === a.id);
    expect(
      measured({ group: group.id, metric: 'decoder.max', pair: [a.initSeed ?? -1, b.initSeed ?? -1] }),
    ).toBe(pair?.value);
    const dead = saes.map(({ usage }) => usage.deadByFiring ?? Number.NaN);
    const over = { group: group.id, sae: 'usage.deadByFiring' } as const;
    expect(measured({ ...over, statistic: 'max' })).toBe(Math.max(...dead));
    expect(measured({ ...over, statistic: 'sum' })).toBe(dead.reduce((s, v) => s + v));
    expect(measured({ ...over, statistic: 'mean', per: 'dSae' })).toBeCloseTo(
      dead.reduce((s, v) => s + v) / dead.length / saes[0].dSae,
      12,
    );
    expect(measured({ ...over, statistic: 'mean', seed: saes[2].initSeed })).toBe(dead[2]);
  });

  it('that the results cannot tell about are inconclusive', () => {
    const claim = { published: 'x', atMost: 1 };
    expect(judge({ ...claim, measure: { ...measure, group: 'layer9.nowhere' } }).verdict).toBe(
      'inconclusive',
    );
    const nowhere = { group: group.id, sae: 'usage.nothing', statistic: 'mean' } as const;
    expect(judge({ ...claim, measure: nowhere })).not.toHaveProperty('measured');
  });
});

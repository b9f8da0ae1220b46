// Sentences that depend on the numbers: which of them a finding says.
import { describe, expect, test } from 'vitest';
import { checks, type FindingId } from '../../src/diagnosis/index.js';

/** All that a check says to these numbers, before these are put in. */
function said(id: FindingId, verdict: 'supported' | 'refuted', numbers: Record<string, number>): string {
  const { words } = checks.find((one) => one.id === id)!;
  const { summary, advice } = words[verdict];
  return [...summary, ...advice].map((one) => (typeof one === 'string' ? one : one(numbers))).join(' ');
}

describe('what is said depends on the numbers', () => {
  test('data.distinct-rows', () => {
    const of = (numbers: Record<string, number>) => said('data.distinct-rows', 'supported', numbers);
    const many = { rows: 5000, distinctRows: 5000, dSae: 100 };
    expect(of({ ...many, distinctRows: 4999 })).toContain('are distinct.');
    expect(of(many)).not.toContain('are distinct.');
    expect(of({ ...many, distinctRows: 99 })).toContain('So few points');
    expect(of({ ...many, clusters: 99 })).toContain('So few points');
    expect(of({ ...many, distinctRows: 100 })).not.toContain('So few points');
    expect(of(many)).toContain('The number of rows overstates');
    expect(of(many)).not.toContain('Leave out padding');
    expect(of({ ...many, paddingRows: 300 })).not.toContain('The number of rows overstates');
    expect(of({ ...many, paddingRows: 300 })).toContain('Leave out padding');
  });

  test('metric.disagreement', () => {
    const of = (difference: number) => said('metric.disagreement', 'supported', { difference });
    expect(of(0.3)).toContain('on when features fire more');
    expect(of(-0.3)).toContain('on directions more');
  });

  test('data.heavy-dimensions and data.massive-rows, where some are there and hold little, and where none are', () => {
    const heavy = (numbers: Record<string, number>) => said('data.heavy-dimensions', 'refuted', numbers);
    expect(heavy({})).toContain('No dimension has ten times');
    expect(heavy({ heavyDimensions: 2 })).toContain('are of another size');
    const massive = (numbers: Record<string, number>) => said('data.massive-rows', 'refuted', numbers);
    expect(massive({})).toContain('No activation lies ten times');
    expect(massive({ massiveRows: 2 })).toContain('lie far from the others');
  });

  test('seeds.same-init', () => {
    const of = (known: number) => said('seeds.same-init', 'supported', { known });
    expect(of(1)).toContain('have the same weights before training');
    expect(of(0)).toContain('show a shared start');
  });

  test('training.init-drift', () => {
    const of = (numbers: Record<string, number>) => said('training.init-drift', 'supported', numbers);
    const both = { cosineMedianLive: 0.1, cosineMedianDead: 0.9 };
    expect(of(both)).toContain('For dead features it is {cosineMedianDead:score}');
    expect(of({ cosineMedianLive: 0.1 })).not.toContain('For dead features');
    expect(of({ cosineMedianDead: 0.9 })).not.toContain('For dead features');
    const shapes = { estimated: 1, cosineMeanLive: 0.1, cosineMeanDead: 0.9 };
    expect(of(shapes)).toContain('For dead features it is about {cosineMeanDead:score}');
    expect(of(shapes)).toContain('The weights before training are not known');
    expect(of(both)).not.toContain('The weights before training are not known');
    expect(of({ estimated: 1, cosineMeanLive: 0.1 })).not.toContain('For dead features');
    expect(of({ estimated: 1, cosineMeanDead: 0.9 })).not.toContain('For dead features');
    expect(of({ ...both, onlyDead: 1 })).toContain('It is the dead features that never moved');
    expect(of(both)).toContain('measures the random start here');
  });

  test('data.misfit', () => {
    const of = (numbers: Record<string, number>) => said('data.misfit', 'supported', numbers);
    expect(of({ misfits: 2, saes: 3, othersExplained: 0.9 })).toContain(
      '{misfits:count} of {saes:count} SAEs',
    );
    expect(of({ misfits: 1, saes: 3, othersExplained: 0.9 })).not.toContain('{misfits:count}');
    expect(of({ misfits: 1, saes: 3, othersExplained: 0.9 })).toContain(
      'the others {othersExplained:percent}',
    );
    expect(of({ misfits: 1, saes: 1 })).not.toContain('the others');
    expect(of({ misfits: 1, othersExplained: 0.9 })).not.toContain('the others');
  });

  test('identifiability.width', () => {
    expect(said('identifiability.width', 'supported', { crowded: 1 })).toContain('In so few directions');
    expect(said('identifiability.width', 'supported', {})).toContain('fitted to single ones');
  });

  test('weights.degenerate', () => {
    const none = { degenerateShare: 0, tinyFeatures: 0, parallelFeatures: 0, giantFeatures: 0 };
    const of = (numbers: Record<string, number>) =>
      said('weights.degenerate', 'supported', { ...none, ...numbers });
    expect(of({ degenerateShare: 0.3 })).toContain('are degenerate.');
    expect(of({})).not.toContain('are degenerate.');
    expect(of({ spoilt: 1, saes: 3 })).toContain('alone, one of');
    expect(of({ spoilt: 2, saes: 3 })).toContain('most of {worst:sae}');
    for (const numbers of [{ spoilt: 3, saes: 3 }, { spoilt: 0, saes: 3 }, { spoilt: 1 }, { saes: 3 }]) {
      expect(of(numbers)).not.toContain('They are of');
    }
    expect(of({ tinyFeatures: 1 })).toContain('near-parallel twin');
    expect(of({ parallelFeatures: 1 })).toContain('near-parallel twin');
    expect(of({})).not.toContain('near-parallel twin');
    expect(of({ giantFeatures: 0.5 })).toContain('ten times as long');
    expect(of({})).not.toContain('ten times as long');
    expect(of({ worst: 1, worstLeading: 0.6 })).toContain('lies along one direction');
    expect(of({ worst: 1, worstLeading: 0.5 })).not.toContain('lies along one direction');
    expect(of({ worstLeading: 0.6 })).not.toContain('lies along one direction');
  });

  test('features.split', () => {
    expect(said('features.split', 'refuted', {})).toContain('of about one width');
    expect(said('features.split', 'refuted', { wide: 2 })).not.toContain('of about one width');
  });

  test('metric.wrong-null: every score that turns, by its own name and side', () => {
    const turned = (numbers: Record<string, number>) =>
      said('metric.wrong-null', 'supported', { baseline: 0.3, turned: 1, ...numbers });
    expect(turned({ activationOwnNull: 1, activationWrongNull: 0 })).toContain(
      'The activation-based score is above chance; held against {baseline:score} it would seem at chance.',
    );
    expect(turned({ decoderLiveOwnNull: 0, decoderLiveWrongNull: -1 })).toContain(
      'The decoder-based score of live features is at chance; held against {baseline:score} it would seem below chance.',
    );
    expect(
      turned({
        activationLiveOwnNull: -1,
        activationLiveWrongNull: 1,
        displacementOwnNull: 1,
        displacementWrongNull: -1,
      }),
    ).toContain(
      'Random decoder directions have {baseline:score}. The activation-based score of live features is below chance; held against {baseline:score} ' +
        'it would seem above chance. The displacement score is above chance; held against {baseline:score} it would seem below chance.',
    );
    expect(turned({ activationOwnNull: 1, activationWrongNull: 1 })).not.toContain(
      'Random decoder directions',
    );
    expect(turned({ turned: 1 })).toContain('Each kind of score');
    expect(turned({ turned: 0 })).not.toContain('Each kind of score');
    const { baseline: _, ...bare } = {
      baseline: 0.3,
      turned: 1,
      activationOwnNull: 1,
      activationWrongNull: 0,
    };
    expect(said('metric.wrong-null', 'supported', bare)).not.toContain('Random decoder directions');
  });

  test('metric.wrong-null: every score that is beyond an easy null only, and which null is stricter', () => {
    const easy = (numbers: Record<string, number>) => said('metric.wrong-null', 'supported', numbers);
    const codes = easy({ activationLiveEasy: 1, activationLiveUntrained: 1 });
    expect(codes).toContain('The activation-based score of live features is {activationLiveScore:score}.');
    expect(codes).toContain('Codes with shuffled rows have {activationLiveNull:score},');
    expect(codes).toContain('SAEs before training have {activationLiveStrictNull:score}');
    expect(codes).toContain('says nothing of what was learned');
    const decoders = easy({ decoderEasy: 1, decoderUntrained: 0, decoderLiveEasy: 0 });
    expect(decoders).toContain('The decoder-based score is {decoderScore:score}.');
    expect(decoders).toContain('Random directions have {decoderNull:score},');
    expect(decoders).toContain('that crowd into the same dimensions have {decoderStrictNull:score}');
    expect(decoders).toContain('comes from the dimensions');
    expect(decoders).not.toContain('live features');
    expect(easy({ decoderLiveEasy: 1 })).toContain('The decoder-based score of live features');
  });
});

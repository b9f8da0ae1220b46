// The language of filters: what is read, what is refused, and that its text comes back.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  between,
  boundsOf,
  filterText,
  isPair,
  pairTerms,
  parseFilter,
  type Term,
  withTerms,
} from '../../explorer/src/data/filter.js';

it('reads conditions with spaces between them', () => {
  expect(parseFilter('cosine<0.5 rate>1e-3 partner:none sae:"seed 42"').terms).toEqual([
    { of: 'number', column: 'cosine', op: '<', value: 0.5 },
    { of: 'number', column: 'firing_rate', op: '>', value: 1e-3 },
    { of: 'class', value: 'none' },
    { of: 'name', column: 'sae', value: 'seed 42' },
  ]);
});

it.each([
  ['cosine', /no condition/],
  ['colour<3', /no column “colour”/],
  ['cosine<', /lacks a value/],
  ['cosine<red', /cosine is a number, and “red” is none/],
  ['partner:nobody', /none, one-sided, mutual or any/],
  ['mutual:maybe', /yes or no/],
  ['sae<3', /is a name: write sae:3/],
  ['<script>alert(1)</script>', /no condition/],
])('says what is wrong with %j', (text, problem) => {
  expect(parseFilter(text).problem).toMatch(problem);
});

it('keeps the conditions before the one that is wrong', () => {
  expect(parseFilter('cosine<0.5 colour:red').terms).toHaveLength(1);
});

const number = fc.record<Extract<Term, { of: 'number' }>>({
  of: fc.constant('number'),
  column: fc.constantFrom('cosine', 'abs', 'firing_rate', 'norm', 'feature', 'partner'),
  op: fc.constantFrom('<', '<=', '>', '>=', '='),
  value: fc.double({ noNaN: true, min: -1e300, max: 1e300 }).map((x) => Number(x.toPrecision(5)) || 0),
});
const term: fc.Arbitrary<Term> = fc.oneof(
  number,
  fc.record({
    of: fc.constant('class' as const),
    value: fc.constantFrom('none', 'one-sided', 'mutual', 'any'),
  }),
  fc.record({ of: fc.constant('boolean' as const), column: fc.constant('mutual'), value: fc.boolean() }),
  fc.record({
    of: fc.constant('name' as const),
    column: fc.constantFrom('sae', 'other'),
    value: fc.stringMatching(/^[\w. :-]*[\w.-][\w. :-]*$/),
  }),
);

it('reads its own text again', () => {
  fc.assert(
    fc.property(fc.array(term, { maxLength: 5 }), (terms) => {
      expect(parseFilter(filterText(terms))).toEqual({ terms });
    }),
  );
});

describe('brushes', () => {
  it('are the bounds that the conditions leave', () => {
    const { terms } = parseFilter('abs>=0.2 abs<0.9 abs>0.3 rate>=1e-3');
    expect(boundsOf(terms, 'abs')).toEqual({ low: 0.3, high: 0.9 });
    expect(boundsOf(terms, 'norm')).toEqual({
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
  });

  it('replace those of their column alone', () => {
    const { terms } = parseFilter('partner:none abs>0.1 sae:seed1');
    expect(filterText(withTerms(terms, 'abs', between('abs', 0.4, 0.5)))).toBe(
      'partner:none sae:seed1 abs>=0.4 abs<=0.5',
    );
  });
});

it('knows a pair by both names', () => {
  expect(isPair(pairTerms('x', 'y'), 'x', 'y')).toBe(true);
  expect(isPair(pairTerms('x', 'y'), 'y', 'x')).toBe(false);
  expect(isPair([], 'x', 'y')).toBe(false);
});

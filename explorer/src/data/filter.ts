// The language of filters: `cosine<0.5 rate>1e-3 partner:none sae:seed42`, terms that all must hold.
import { type Class, type Column, classes, columnNamed } from './columns.js';

export const comparisons = ['<=', '>=', '<', '>', '='] as const;
export type Comparison = (typeof comparisons)[number];

export type Term =
  | { readonly of: 'number'; readonly column: string; readonly op: Comparison; readonly value: number }
  | { readonly of: 'name'; readonly column: 'sae' | 'other'; readonly value: string }
  | { readonly of: 'boolean'; readonly column: string; readonly value: boolean }
  | { readonly of: 'class'; readonly value: Class | 'any' };

export interface Filter {
  readonly terms: readonly Term[];
  /** What could not be understood, as a sentence. */
  readonly problem?: string;
}

/** Terms are separated by spaces; a name that has some stands in quotes. */
export function parseFilter(text: string): Filter {
  const terms: Term[] = [];
  for (const word of text.match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
    const term = parseTerm(word);
    if (typeof term === 'string') return { terms, problem: term };
    terms.push(term);
  }
  return { terms };
}

function parseTerm(word: string): Term | string {
  const parts = /^([\w|]+)\s*(<=|>=|<|>|=|:)(.*)$/.exec(word);
  if (!parts) return `“${word}” is no condition: write one as cosine<0.5, partner:none or sae:NAME.`;
  const [, name, op, raw] = parts;
  const value = raw.replaceAll('"', '');
  if (name === 'partner' && op === ':' && !/^\d+$/.test(value)) return classTerm(value);
  const column = columnNamed(name === '|cosine|' ? 'abs' : name);
  if (!column) return `There is no column “${name}”.`;
  if (value === '') return `“${word}” lacks a value.`;
  if (column.kind === 'class') return classTerm(value);
  if (column.kind === 'name') {
    if (op !== ':' && op !== '=') return `${column.id} is a name: write ${column.id}:${value}.`;
    return { of: 'name', column: column.id as 'sae' | 'other', value };
  }
  if (column.kind === 'boolean') return booleanTerm(column, value);
  const number = Number(value);
  if (!Number.isFinite(number)) return `${column.id} is a number, and “${value}” is none.`;
  return { of: 'number', column: column.id, op: op === ':' ? '=' : (op as Comparison), value: number };
}

function classTerm(value: string): Term | string {
  const found = [...classes, 'any' as const].find((one) => one === value);
  return found ? { of: 'class', value: found } : 'partner is one of none, one-sided, mutual or any.';
}

function booleanTerm({ id }: Column, value: string): Term | string {
  if (/^(yes|true|1)$/.test(value)) return { of: 'boolean', column: id, value: true };
  if (/^(no|false|0)$/.test(value)) return { of: 'boolean', column: id, value: false };
  return `${id} is yes or no.`;
}

/** The text that `parseFilter` reads as these terms. */
export function filterText(terms: readonly Term[]): string {
  return terms.map(termText).join(' ');
}

function termText(term: Term): string {
  if (term.of === 'class') return `partner:${term.value}`;
  if (term.of === 'boolean') return `${term.column}:${term.value ? 'yes' : 'no'}`;
  if (term.of === 'name') {
    return `${term.column}:${/[\s"]/.test(term.value) ? `"${term.value.replaceAll('"', '')}"` : term.value}`;
  }
  return `${shortName[term.column] ?? term.column}${term.op}${shortNumber(term.value)}`;
}

const shortName: Readonly<Record<string, string>> = { firing_rate: 'rate' };

function shortNumber(value: number): string {
  const plain = String(Number(value.toPrecision(6)));
  const exponential = value.toExponential().replace('e+', 'e');
  return exponential.length < plain.length ? exponential : plain;
}

/** Bounds of a column by the terms; unbounded where they say nothing. */
export function boundsOf(
  terms: readonly Term[],
  column: string,
): { readonly low: number; readonly high: number } {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const term of terms) {
    if (term.of !== 'number' || term.column !== column) continue;
    if (term.op !== '<' && term.op !== '<=') low = Math.max(low, term.value);
    if (term.op !== '>' && term.op !== '>=') high = Math.min(high, term.value);
  }
  return { low, high };
}

/** The terms with those on a column replaced by others. */
export function withTerms(terms: readonly Term[], column: string, others: readonly Term[]): Term[] {
  return [...terms.filter((term) => term.of === 'class' || term.column !== column), ...others];
}

/** low ≤ column ≤ high */
export function between(column: string, low: number, high: number): Term[] {
  return [
    { of: 'number', column, op: '>=', value: low },
    { of: 'number', column, op: '<=', value: high },
  ];
}

export function namedIn(terms: readonly Term[], column: 'sae' | 'other'): string | undefined {
  const term = terms.findLast((one) => one.of === 'name' && one.column === column);
  return term?.of === 'name' ? term.value : undefined;
}

/** The features of one SAE, seen in one other. */
export function pairTerms(sae: string, other: string): Term[] {
  return [
    { of: 'name', column: 'sae', value: sae },
    { of: 'name', column: 'other', value: other },
  ];
}

export function isPair(terms: readonly Term[], sae: string, other: string): boolean {
  return namedIn(terms, 'sae') === sae && namedIn(terms, 'other') === other;
}

export function withoutPair(terms: readonly Term[]): Term[] {
  return terms.filter(({ of }) => of !== 'name');
}

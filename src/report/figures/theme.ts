// Colours of the figures: Okabe–Ito, as CSS variables with the light-paper value as fallback.

import type { MetricId } from '../../metrics/registry.js';
import type { Component } from '../../stats/variance-components.js';
import { familyOf, type MetricFamily } from '../wording/metric-terms.js';

/** A key of a legend. */
export interface Swatch {
  readonly label: string;
  readonly colour: string;
  readonly shape: 'dot' | 'ring' | 'mean' | 'band' | 'line' | 'box' | 'course';
  /** Of a course: its dashes, as SVG has them. */
  readonly dash?: string;
}

export const ink = {
  strong: 'var(--fig-ink, #1c1c1c)',
  soft: 'var(--fig-soft, #5a5a5a)',
  faint: 'var(--fig-faint, #d9d9d9)',
  font: 'var(--fig-font, DejaVu Sans)',
} as const;

/** Scores of weights, of codes, of displacement. */
export const familyColour: Record<MetricFamily, string> = {
  decoder: 'var(--fig-decoder, #0072b2)',
  encoder: 'var(--fig-decoder, #0072b2)',
  shared: 'var(--fig-decoder, #0072b2)',
  activation: 'var(--fig-activation, #c04a00)',
  subspace: 'var(--fig-decoder, #0072b2)',
  displacement: 'var(--fig-displacement, #007a5a)',
};

const nullColours: Partial<Record<string, string>> = {
  'random-directions': 'var(--fig-null-random, #4d4d4d)',
  'covariance-matched': 'var(--fig-null-covariance, #2a7f9e)',
  'own-init': 'var(--fig-null-init, #a8467f)',
  untrained: 'var(--fig-null-untrained, #7a4fb5)',
  'row-permutation': 'var(--fig-null-rows, #8a6d00)',
  'random-subspaces': 'var(--fig-null-random, #4d4d4d)',
};

/** Of a null that has no colour of its own. */
const otherNull = 'var(--fig-null-other, #b0563b)';

export function nullColour(kind: string): string {
  return nullColours[kind] ?? otherNull;
}

export const liveColour = 'var(--fig-live, #0072b2)';
export const deadColour = 'var(--fig-dead, #9a9a9a)';
export const heatColour = 'var(--fig-heat, #0072b2)';

export function metricColour(id: MetricId): string {
  return familyColour[familyOf(id)];
}

/** Dashes that tell metrics of one colour apart; those that are absent are drawn through. */
export const metricDash: Partial<Record<MetricId, string>> = {
  'decoder.max': '1.5 3',
  'decoder.max.live': '7 3',
  'activation.max': '1.5 3',
  'activation.matched.live': '7 3',
};

/** What init, order, and either of them explain. */
export const componentColour: Record<Component, string> = {
  init: 'var(--fig-decoder, #0072b2)',
  order: 'var(--fig-activation, #c04a00)',
  either: 'var(--fig-dead, #9a9a9a)',
};

const conditionColours: readonly string[] = [
  'var(--fig-decoder, #0072b2)',
  'var(--fig-activation, #c04a00)',
  'var(--fig-displacement, #007a5a)',
  'var(--fig-null-init, #a8467f)',
  'var(--fig-null-rows, #8a6d00)',
  'var(--fig-null-untrained, #7a4fb5)',
];

/** How the line of the i-th condition is drawn; after the last colour they begin again, dashed. */
export function conditionLine(i: number): { readonly colour: string; readonly dash?: string } {
  const colour = conditionColours[i % conditionColours.length];
  return i < conditionColours.length ? { colour } : { colour, dash: '2 2.5' };
}

/** The SVG as a file of its own: variables resolved, white paper, a margin. */
export function standalone(svg: string): string {
  const plain = svg.replace(/var\(--[\w-]+, ([^)]+)\)/g, '$1');
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(plain)!;
  const [w, h] = [Number(width) + 48, Number(height) + 40];
  return plain
    .replace(
      /width="[\d.]+" height="[\d.]+" viewBox="[^"]+"/,
      `width="${w}" height="${h}" viewBox="-24 -20 ${w} ${h}"`,
    )
    .replace('>', `><rect x="-24" y="-20" width="${w}" height="${h}" fill="#ffffff"/>`);
}

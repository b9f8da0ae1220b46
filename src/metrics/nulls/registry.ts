// Every null, in the order in which reports show them: a new one is a file and a line here.
import { model as covarianceMatched } from './covariance-matched.js';
import { model as dataCovariance } from './data-covariance.js';
import type { NullModel } from './model.js';
import type { Null } from './null.js';
import { model as ownInit } from './own-init.js';
import { model as randomDirections } from './random-directions.js';
import { model as randomSubspaces } from './random-subspaces.js';
import { model as rowPermutation } from './row-permutation.js';
import { model as untrained } from './untrained.js';

export const nullModels = [
  randomDirections,
  covarianceMatched,
  dataCovariance,
  ownInit,
  untrained,
  rowPermutation,
  randomSubspaces,
] as const;

export type NullKind = (typeof nullModels)[number]['kind'];

/** A null of one of these kinds. */
export type KnownNull = Null<NullKind>;

export const nullKinds = nullModels.map(({ kind }) => kind) as readonly NullKind[] as readonly [
  NullKind,
  ...NullKind[],
];

const byKind = new Map<string, NullModel<NullKind>>(nullModels.map((model) => [model.kind, model]));

/** The null of this kind. */
export function nullModel(kind: string): NullModel<NullKind> {
  return byKind.get(kind) as NullModel<NullKind>;
}

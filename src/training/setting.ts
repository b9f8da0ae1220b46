// A setting of an SAE or of its training: its limits, what it says, and what it is called where groups differ in it.
import { z } from 'zod';

export interface Setting<S extends z.ZodType = z.ZodType> {
  /** Its limits, in study files and in results. */
  readonly schema: S;
  /** What it says, for editors and for readers of the schemas. */
  readonly description: string;
}

/** A setting that a study can go through, so that groups can differ in it. */
export interface Axis<S extends z.ZodType = z.ZodType> extends Setting<S> {
  /** Before its value in the ids of groups, as k in `k32`; '' where its values are names. */
  readonly prefix: string;
  readonly words: SettingWords;
}

export interface SettingWords {
  /** In a sentence: "sparsity coefficient". */
  readonly name: string;
  /** Before a value: "sparsity 0.1". */
  readonly short: string;
  /** Over a column: "Sparsity". */
  readonly column: string;
}

/** Settings by their keys. */
export type Settings = Readonly<Record<string, Setting>>;
export type Axes = Readonly<Record<string, Axis>>;

type ValueOf<T extends Setting> =
  z.infer<T['schema']> extends readonly (infer E)[] ? readonly E[] : z.infer<T['schema']>;

/** What settings of these keys are. */
export type ValuesOf<T extends Settings> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** Whether one value of it is a list. */
export function isList({ schema }: Setting): boolean {
  return schema.type === 'array';
}

/** The settings of all members of a union together. */
export type Merged<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer A) => void
  ? A
  : never;

export const whole = z.int().positive();
export const positive = z.number().positive();

export function distinct(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size === values.length;
}

/** At least one entry, none of them twice. */
export const list = <T extends z.ZodType>(item: T) =>
  z.array(item).min(1).refine(distinct, { error: 'the same entry stands twice' });

// Planted worlds as a study asks for them: settings that are one value or a list, and a plan for each combination.
import type { PlantedPlan } from './planted.js';

type Axis = number | readonly number[] | undefined;

/** What a study may vary. Lists are gone through, the last one fastest, overlaps within each condition. */
export interface PlantedAxes {
  readonly features: Exclude<Axis, undefined>;
  readonly dModel: Exclude<Axis, undefined>;
  readonly rows: number;
  readonly active: Exclude<Axis, undefined>;
  /** Exactly so many a row where it is left out. */
  readonly firing?: PlantedPlan['firing'] | undefined;
  /** 0 where it is left out, as are the noise and the seed. */
  readonly zipf?: Axis;
  readonly noise?: Axis;
  /** 1, one world for all, where it is left out. */
  readonly overlap?: Axis;
  readonly seed?: number | undefined;
}

export interface NamedPlan {
  /** `planted`, and the settings of which there are several: `planted.noise0.3.overlap0.5`. */
  readonly id: string;
  /** The same to read: `noise 0.3, overlap 0.5`; `planted` where nothing varies. */
  readonly label: string;
  readonly plan: PlantedPlan;
  /** Settings that results tell conditions by: all but rows, seed and overlap. */
  readonly condition: Readonly<Record<string, number | string>>;
}

const names = ['features', 'dModel', 'active', 'zipf', 'noise', 'overlap'] as const;

/** One plan for each combination, in a stable order. */
export function plantedPlans(axes: PlantedAxes): NamedPlan[] {
  const { rows, firing = 'exactly', seed = 0 } = axes;
  const values = names.map((name) => {
    const value = axes[name] ?? (name === 'overlap' ? 1 : 0);
    return typeof value === 'number' ? [value] : value;
  });
  const combinations = values.reduce<number[][]>(
    (all, of) => all.flatMap((before) => of.map((value) => [...before, value])),
    [[]],
  );
  return combinations.map((chosen) => {
    const [features, dModel, active, zipf, noise, overlap] = chosen;
    const varied = names.flatMap((name, i) => (values[i].length > 1 ? [{ name, value: chosen[i] }] : []));
    return {
      id: ['planted', ...varied.map(({ name, value }) => `${name}${value}`)].join('.'),
      label: varied.map(({ name, value }) => `${name} ${value}`).join(', ') || 'planted',
      plan: { features, dModel, rows, active, firing, zipf, noise, overlap, seed },
      condition: { features, dModel, active, firing, zipf, noise },
    };
  });
}

// Every kind of case in the zoo, artefacts first, healthy ones after them.
import type { Kind } from './case.js';
import { dataKinds } from './kinds/data.js';
import { healthyKinds } from './kinds/healthy.js';
import { metricKinds } from './kinds/metric.js';
import { placeKinds } from './kinds/places.js';
import { plantedKinds } from './kinds/planted.js';
import { realKinds } from './kinds/real.js';
import { seedKinds } from './kinds/seeds.js';
import { trainerKinds } from './kinds/trainers.js';
import { trainingKinds } from './kinds/training.js';
import { doubleKinds } from './kinds/two.js';
import { weightKinds } from './kinds/weights.js';

const all: readonly Kind[] = [
  ...dataKinds,
  ...placeKinds,
  ...trainingKinds,
  ...seedKinds,
  ...weightKinds,
  ...metricKinds,
  ...plantedKinds,
  ...realKinds,
  ...doubleKinds,
  ...healthyKinds,
  ...trainerKinds,
];

export const kinds: readonly Kind[] = [
  ...all.filter(({ truth }) => !truth.healthy),
  ...all.filter(({ truth }) => truth.healthy),
];

// The learning rate, which every recipe has and a study can set instead.
import { positive, type Setting } from '../setting.js';

export const learningRate = {
  schema: positive,
  description: "the recipe's own where it is left out",
} satisfies Setting;

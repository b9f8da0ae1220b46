// A shipped study in small: everything that it asks for, on a tiny transformer or tiny worlds, with few features and steps.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

type Yaml = Record<string, unknown>;

const few = 2;

const sample = fileURLToPath(new URL('../fixtures/language-model', import.meta.url));

/** Sizes by their square root: what differs stays apart, and k stays below the width. */
const root = (size: number): number => Math.round(Math.sqrt(size));

/** The text of a study file like this one. @param model a file of a transformer that has as many layers as it asks for */
export async function shrunkStudy(file: string, model: string): Promise<string> {
  const { activations, sae, training, variants, seeds, analysis, ...rest } = parse(
    await readFile(file, 'utf8'),
  ) as Record<string, Yaml> & { variants?: Yaml[] };
  const part = ({ activations: worlds, sae: own, training: how }: Yaml): Yaml => ({
    ...(worlds ? { activations: smallActivations(worlds as Yaml, model) } : {}),
    ...(own ? { sae: smaller(own as Yaml, ['dSae', 'k', 'targetL0', 'groups']) } : {}),
    ...(how ? { training: smallTraining(how as Yaml) } : {}),
  });
  return JSON.stringify({
    ...rest,
    ...part({ activations, sae, training }),
    ...(variants ? { variants: variants.map((variant) => ({ ...variant, ...part(variant) })) } : {}),
    seeds: smallSeeds(seeds),
    analysis: { ...analysis, draws: 2 },
  });
}

function smallActivations(activations: Yaml, model: string): Yaml {
  const { planted } = activations as { planted?: Yaml };
  if (planted) return { planted: smaller(planted, ['features', 'dModel', 'rows', 'active']) };
  // Of a language model the sample that is committed stands for what is fetched.
  if ('file' in activations)
    return { ...activations, file: sample, ...('tokens' in activations ? { tokens: sample } : {}) };
  return 'transformer' in activations ? { ...activations, transformer: model } : activations;
}

/** With these keys shrunk, in whatever lists they stand. */
function smaller(of: Yaml, keys: readonly string[]): Yaml {
  const shrink = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(shrink) : root(value as number);
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [key, keys.includes(key) ? shrink(value) : value]),
  );
}

function smallTraining({ epochs, steps, ...rest }: Yaml): Yaml {
  return {
    ...rest,
    ...(epochs === undefined ? {} : { epochs: apart(epochs, () => 2) }),
    ...(steps === undefined ? {} : { steps: apart(steps, () => 20) }),
  };
}

function smallSeeds({ init, order }: Yaml): Yaml {
  const first = (seeds: unknown) => (seeds as number[]).slice(0, few);
  const cross = (order as { cross?: number[] } | undefined)?.cross;
  return { init: first(init), order: cross ? { cross: first(cross) } : order };
}

/** Entries of a list ascend as they did. */
function apart(value: unknown, shrink: (value: number) => number): unknown {
  if (!Array.isArray(value)) return shrink(value as number);
  let last = 0;
  return value.map((one: number) => {
    last = Math.max(last + 1, shrink(one));
    return last;
  });
}

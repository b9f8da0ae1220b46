// Trains one of the shipped small transformers and writes its weights and its card (`npm run substrate`).
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { accuracy } from '../activations/transformer/capture.js';
import { shippedShape, type TransformerCard, transformerName } from '../activations/transformer/shipped.js';
import { defaultTransformerRecipe, trainTransformer } from '../activations/transformer/train.js';
import { encodeTransformer } from '../activations/transformer/weights.js';
import { ReseedError } from '../errors.js';
import { fileError, writeFileAtomic } from '../formats/atomic-write.js';

interface Options {
  layers: number;
  seed: number;
  warmup: number;
  out: string;
  debug?: true;
}

/** Below this the model has not learned the task, and nothing is written. */
const leastAccuracy = 0.995;

const program = new Command('substrate')
  .description('Train the small transformer that the examples read, and write its weights and its card.')
  .option('--layers <n>', 'number of layers', wholeNumber(1), 2)
  .option('--seed <n>', 'draws the weights, the held-out pairs and the order of the data', wholeNumber(0), 0)
  .option(
    '--warmup <n>',
    'steps over which the learning rate grows; deeper models need some',
    wholeNumber(0),
    0,
  )
  .option('--out <dir>', 'folder to write to', 'assets/transformer')
  .option('--debug', 'show the stack of an error')
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

try {
  await train(program.parse().opts<Options>());
} catch (error) {
  const known = error instanceof ReseedError;
  const stack = !known || program.opts<Options>().debug;
  process.stderr.write(`${stack ? (error as Error).stack : (error as Error).message}\n`);
  process.exitCode = known ? error.exitCode : 4;
}

async function train({ layers, seed, warmup, out }: Options): Promise<void> {
  const config = { ...shippedShape, layers };
  const recipe = { ...defaultTransformerRecipe, warmup };
  try {
    await mkdir(out, { recursive: true });
  } catch (cause) {
    throw fileError(out, 'write', cause);
  }
  const started = performance.now();
  const trained = await trainTransformer(config, seed, recipe, {
    onProgress: ({ step, loss, heldOutAccuracy }) => {
      const seconds = Math.round((performance.now() - started) / 1000);
      const percent = (100 * heldOutAccuracy).toFixed(2);
      process.stderr.write(
        `step ${step}  loss ${loss.toPrecision(3)}  held-out ${percent} %  ${seconds} s\n`,
      );
    },
  });
  const { model, split, steps, heldOutAccuracy } = trained;
  if (heldOutAccuracy < leastAccuracy) {
    throw new ReseedError('internal.control', `not learned after ${steps} steps; nothing was written`, {
      field: 'held-out accuracy',
      found: String(heldOutAccuracy),
      expected: `${leastAccuracy} or more`,
    });
  }
  const bytes = encodeTransformer(model);
  const card: TransformerCard = {
    command: `npm run substrate -- --layers ${layers} --seed ${seed}${warmup > 0 ? ` --warmup ${warmup}` : ''}`,
    seed,
    config,
    recipe,
    steps,
    heldOutPairs: split.heldOut.length,
    heldOutAccuracy,
    trainAccuracy: await accuracy(model, split.train),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const path = join(out, transformerName(config));
  await writeFileAtomic(`${path}.safetensors`, bytes);
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(card, null, 2)}\n`);
  process.stdout.write(`${path}.safetensors\n${path}.json\n`);
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(n) || n < least) {
      throw new InvalidArgumentError(`expected a whole number, ${least} or more`);
    }
    return n;
  };
}

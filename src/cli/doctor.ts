// `reseed doctor`: what this machine offers, and whether the package is whole.
import { availableParallelism, totalmem } from 'node:os';
import { Command } from 'commander';
import { loadTransformer, loadTransformerCard } from '../activations/transformer/shipped.js';
import { describeGpu } from '../kernel/open.js';
import { selectKernel } from '../kernel/select.js';
import { fromRows } from '../tensor/matrix.js';
import { version } from '../version.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('show the kernel, threads and memory that runs will use, and check the shipped files')
    .action(doctor);
}

async function doctor(): Promise<void> {
  const kernel = selectKernel({});
  try {
    const say = (name: string, value: string): void => {
      process.stdout.write(`${name.padEnd(12)} ${value}\n`);
    };
    say('reseed', version);
    say('node', `${process.version} on ${process.platform} ${process.arch}`);
    say('cores', `${availableParallelism()}`);
    say('memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`);
    say('kernel', `${kernel.id} (${kernel.reason}), ${kernel.threads} threads`);
    const unit = fromRows([
      [1, 0],
      [0, 1],
    ]);
    const { aToB } = await kernel.bestMatches(unit, unit);
    say(
      'self-test',
      aToB.abs.value.every((v) => v === 1) ? 'passed' : 'FAILED: the kernel gives wrong cosines',
    );
    say('webgpu', await describeGpu(kernel));
    for (const layers of [2, 3] as const) {
      const card = await loadTransformerCard(layers);
      await loadTransformer(layers);
      say('transformer', `${layers} layers, held-out accuracy ${(100 * card.heldOutAccuracy).toFixed(2)} %`);
    }
  } finally {
    await kernel.close();
  }
}

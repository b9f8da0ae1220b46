// Reads an SAE whose input is normalised beside its weights: with the norm, or without it where activations show that
// it has been applied to them.
import { ReseedError } from '../errors.js';
import type { Checkpoint } from './checkpoint.js';
import { normalised } from './input-norm.js';
import type { NormBeside } from './norm-beside.js';
import { readingThatFits } from './reading-that-fits.js';
import type { ReadSae, SaeSource } from './source.js';

/** @throws as `SaeSource.read`; input.format where the SAE has another norm of its own */
export async function readNormalised(
  source: SaeSource,
  checkpoint: Checkpoint,
  norm: NormBeside,
): Promise<ReadSae> {
  const { activations } = checkpoint.stated ?? {};
  if (!activations || (norm.width ?? activations.x.cols) !== activations.x.cols) {
    return withNorm(await source.read(checkpoint), norm, checkpoint);
  }
  const { x } = activations;
  const stated = { ...checkpoint.stated, activations: { ...activations, x: normalised(x, norm.at(x.cols)) } };
  const readings = [
    async () => withNorm(await source.read({ ...checkpoint, stated }), norm, checkpoint),
    async () => withoutNorm(await source.read(checkpoint), norm, checkpoint),
  ];
  const [applied, already] = await Promise.allSettled(readings.map((read) => read()));
  // What cannot be read on the one kind of activations is not of that kind.
  if (applied.status === 'rejected' && already.status === 'rejected') throw applied.reason;
  const made = [applied, already].flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  // What a transcoder reads does not tell what it should write.
  if (made[0].sae.transcoder && !activations.targets) return made[0];
  const fitting = await readingThatFits(
    made.map((one) => async () => one),
    activations,
    // A small mean changes little either way; which way is better still tells.
    1,
  );
  return fitting?.reading ?? made[0];
}

/** @throws input.format where it has another norm, or passes its input on, which is not the same before and after */
function requireSingle({ sae }: ReadSae, norm: NormBeside, { tensors }: Checkpoint): void {
  if (sae.inputNorm === undefined && !sae.skip) return;
  throw new ReseedError('input.format', 'it normalises its input in two ways, or passes it on as well', {
    file: tensors.file,
    field: norm.of,
    found: sae.skip ? 'a skip connection' : 'another norm of the input',
    expected: `one of them, or --ignore ${norm.of.split(' ')[0]}`,
  });
}

function withNorm(read: ReadSae, norm: NormBeside, checkpoint: Checkpoint): ReadSae {
  requireSingle(read, norm, checkpoint);
  const { sae } = read;
  const taken = 'what the input is normalised by, and undone after decoding';
  return {
    ...read,
    sae: { ...sae, inputNorm: norm.at(sae.encoder.cols) },
    assumptions: [...read.assumptions, { of: norm.of, taken, because: norm.because }],
  };
}

function withoutNorm(read: ReadSae, norm: NormBeside, checkpoint: Checkpoint): ReadSae {
  requireSingle(read, norm, checkpoint);
  const because = 'the activations are reconstructed without it, so they have it in them';
  return { ...read, assumptions: [...read.assumptions, { of: norm.of, taken: 'nothing', because }] };
}

// SAEs that are published as a pair of linear layers in one PyTorch file: Goodfire's, and those of DeepSeek-R1.
//
// <encoder>.weight [F, d], <encoder>.bias [F], <decoder>.weight [d, F], <decoder>.bias [d], which is not subtracted from
// the input: z = max(W·x + b, 0). Names of files end in `-SAE-l<layer>`, and the input is what leaves that layer.
// Source: sae_lens 6, loading/pretrained_sae_loaders.py (goodfire, deepseek_r1).
import { basename } from 'node:path';
import type { Checkpoint } from '../checkpoint.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

const named = /-SAE-l(\d+)\.pth?$/;

export const goodfire: SaeSource = {
  id: 'goodfire',
  title: 'Goodfire',
  settings: [],
  recognises: ({ tensors: { tensors } }) =>
    tensors.has('encoder_linear.weight') && tensors.has('decoder_linear.weight'),
  read: (checkpoint) => read(checkpoint, goodfire.title, 'encoder_linear', 'decoder_linear'),
};

export const deepseekR1: SaeSource = {
  id: 'deepseek-r1',
  title: 'DeepSeek-R1',
  settings: [],
  // Other tools have these tensors too, and may subtract the bias: here the name of the file must tell.
  recognises: ({ tensors: { file, tensors } }) =>
    /^DeepSeek-R1-/.test(basename(file)) &&
    named.test(file) &&
    ['encoder', 'decoder'].every((layer) => tensors.has(`${layer}.weight`) && tensors.has(`${layer}.bias`)),
  read: (checkpoint) => read(checkpoint, deepseekR1.title, 'encoder', 'decoder'),
};

async function read(
  { tensors }: Checkpoint,
  title: string,
  encoder: string,
  decoder: string,
): Promise<ReadSae> {
  const weights = new WeightReader(tensors, title);
  const [features, d] = weights.shape(`${encoder}.weight`, 2);
  const sae = {
    architecture: 'relu',
    activation: { kind: 'relu' },
    encoder: await weights.rows(`${encoder}.weight`, features, d, 'encoder'),
    encoderBias: await weights.vector(`${encoder}.bias`, features, 'encoder bias'),
    decoder: await weights.columns(`${decoder}.weight`, features, d, 'decoder'),
    decoderBias: await weights.vector(`${decoder}.bias`, d, 'decoder bias, not subtracted from the input'),
    subtractDecoderBias: false,
  } as const;
  weights.requireAllTaken();
  const layer = named.exec(tensors.file)?.[1];
  return {
    sae,
    assumptions: weights.assumptions,
    ...(layer === undefined
      ? {}
      : { hookName: `blocks.${layer}.hook_resid_post`, origin: { layer: Number(layer) } }),
  };
}

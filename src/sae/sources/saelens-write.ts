// Writes SAEs in the layout of SAELens v6, so that its own loader gives the same codes and reconstructions.
//
// SAELens passes the kept pre-activations of topk through ReLU and has no field for leaving that out; such an SAE says
// so in `metadata.reseed.relu`, which we read back. BatchTopK is written as jumprelu, as SAELens does for inference.
// Source: sae_lens 6, saes/*.py and loading/pretrained_sae_loaders.py.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { encodeSafetensors, type SafetensorsPieces, safetensorsPieces } from '../../formats/safetensors.js';
import { matrixTensor, type Tensor, vectorTensor } from '../../formats/tensor.js';
import { transpose } from '../../tensor/matrix.js';
import { foldStandardisation } from '../fold-standardisation.js';
import { dModel, dSae, type Sae } from '../sae.js';
import type { SaeRecord } from '../source.js';
import { rowNorms, saelensConfigName } from './saelens-config.js';

export const saelensFiles = { weights: 'sae_weights.safetensors', config: saelensConfigName } as const;

/** Without a version SAELens takes a configuration for one from before 6, and drops its metadata. */
const layoutVersion = '6.0.0';

/** The two files; weights come in pieces, so that they may be of any size. */
export interface SaelensContent {
  readonly weights: SafetensorsPieces;
  readonly config: string;
}

/** The same as `encodeSaelens`, of SAEs of any size. @throws as that */
export function saelensContent(
  sae: Sae,
  hookName: string | undefined,
  record: SaeRecord = {},
  file?: string,
): SaelensContent {
  const { tensors, config } = described(sae, hookName, record, file);
  return { weights: safetensorsPieces(tensors), config };
}

/**
 * Bytes of the two files, weights below 4 GiB. The same SAE always gives the same bytes.
 * @param record goes to `metadata.reseed` and comes back when the files are read
 * @param file that the SAE was read from, for messages
 * @throws input.format for an SAE that SAELens has no architecture for
 */
export function encodeSaelens(
  given: Sae,
  hookName: string | undefined,
  record: SaeRecord = {},
  file?: string,
): { weights: Uint8Array; config: string } {
  const { tensors, config } = described(given, hookName, record, file);
  return { weights: encodeSafetensors(tensors), config };
}

function described(
  given: Sae,
  hookName: string | undefined,
  record: SaeRecord,
  file: string | undefined,
): { tensors: Record<string, Tensor>; config: string } {
  // SAELens has no means and SDs of the input: they go into the weights.
  const sae = foldStandardisation(given);
  const { activation, inputNorm } = sae;
  const reseed = { ...(activation.kind === 'topk' && !activation.relu ? { relu: false } : {}), ...record };
  const config = {
    architecture: architectureOf(sae, file),
    d_in: sae.encoder.cols,
    d_sae: dSae(sae),
    ...(sae.transcoder ? { d_out: dModel(sae) } : {}),
    ...('k' in activation ? { k: activation.k, rescale_acts_by_decoder_norm: false } : {}),
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: sae.subtractDecoderBias,
    normalize_activations: inputNorm ? rowNorms[inputNorm] : 'none',
    // What attention heads give comes to SAELens as [heads × width of one].
    reshape_activations: !sae.transcoder && hookName?.endsWith('.hook_z') ? 'hook_z' : 'none',
    metadata: {
      sae_lens_version: layoutVersion,
      ...defined({ hook_name: hookName }),
      ...(Object.keys(reseed).length > 0 ? { reseed } : {}),
    },
  };
  return { tensors: tensorsOf(sae), config: `${JSON.stringify(config, null, 2)}\n` };
}

function architectureOf(
  { architecture, activation: { kind }, transcoder, skip }: Sae,
  file: string | undefined,
): string {
  const name = `${transcoder ? 'transcoder of ' : ''}${architecture}`;
  const known = transcoder
    ? { relu: 'transcoder', jumprelu: 'jumprelu_transcoder' }
    : { relu: 'standard', topk: 'topk', abstopk: 'abstopk', jumprelu: 'jumprelu', gated: 'gated' };
  const found = (known as Partial<Record<typeof kind, string>>)[kind];
  if (found === undefined || (skip && !transcoder)) {
    throw new ReseedError('input.format', 'SAELens has no architecture for this SAE', {
      ...defined({ file }),
      field: 'architecture',
      found: skip && !transcoder ? `${name} with a skip connection` : name,
      expected:
        'ReLU, TopK, AbsTopK, JumpReLU or Gated; of transcoders ReLU or JumpReLU; else --to safetensors, which keeps more',
    });
  }
  return skip ? found.replace('transcoder', 'skip_transcoder') : found;
}

function tensorsOf(sae: Sae): Record<string, Tensor> {
  const { activation } = sae;
  return {
    W_enc: matrixTensor(transpose(sae.encoder)),
    W_dec: matrixTensor(sae.decoder),
    b_dec: vectorTensor(sae.decoderBias),
    [activation.kind === 'gated' ? 'b_gate' : 'b_enc']: vectorTensor(sae.encoderBias),
    ...(activation.kind === 'jumprelu' ? { threshold: vectorTensor(activation.threshold) } : {}),
    ...(activation.kind === 'gated'
      ? { b_mag: vectorTensor(activation.magnitudeBias), r_mag: vectorTensor(activation.magnitudeLogScale) }
      : {}),
    ...(sae.skip ? { W_skip: matrixTensor(sae.skip) } : {}),
  };
}

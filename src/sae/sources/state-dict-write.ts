// Writes SAEs as a plain state dict: one safetensors file under the usual names, whose metadata say how it encodes.
//
// encoder.weight [F, d], encoder.bias [F] (Gated: b_gate, b_mag, r_mag), decoder.weight [d′, F], decoder.bias [d′], threshold [F] of
// JumpReLU, W_skip [d′, d]: the names of layers of torch, which tell how their weights lie even where d = F.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { type SafetensorsPieces, safetensorsPieces } from '../../formats/safetensors.js';
import { matrixTensor, type Tensor, vectorTensor } from '../../formats/tensor.js';
import { transpose } from '../../tensor/matrix.js';
import { foldStandardisation } from '../fold-standardisation.js';
import { dSae, type Sae } from '../sae.js';
import type { SaeRecord } from '../source.js';
import { rowNorms } from './saelens-config.js';

export const stateDictFile = 'sae.safetensors';

/** Its pieces; the SAE must not change before they are written. @throws input.format for an SAE of which a plain state dict cannot say how it encodes */
export function stateDictPieces(
  given: Sae,
  hookName: string | undefined,
  record: SaeRecord,
  file: string,
): SafetensorsPieces {
  const sae = foldStandardisation(given);
  const { activation, inputNorm, skip } = sae;
  const { kind } = activation;
  if (inputNorm && skip) {
    throw new ReseedError('input.format', 'a plain state dict cannot say how this SAE encodes', {
      file,
      field: 'architecture',
      found: `a skip connection beside an input that is normalised (${inputNorm})`,
      expected: '--to saelens, which can of transcoders',
    });
  }
  const { layer, initSeed: seed, convertedFrom } = record;
  const metadata = {
    architecture: kind,
    ...('k' in activation ? { k: activation.k } : {}),
    ...(activation.kind === 'topk' && !activation.relu ? { relu: false } : {}),
    ...(inputNorm ? { normalize_activations: rowNorms[inputNorm] } : {}),
    ...(sae.transcoder ? { transcoder: true } : {}),
    d_in: sae.encoder.cols,
    d_sae: dSae(sae),
    apply_b_dec_to_input: sae.subtractDecoderBias,
    ...defined({ hook_name: hookName, layer, seed }),
    ...(convertedFrom === undefined ? {} : { converted_from: JSON.stringify(convertedFrom) }),
  };
  const texts = Object.entries(metadata).map(([name, value]) => [name, String(value)]);
  return safetensorsPieces(tensorsOf(sae), Object.fromEntries(texts));
}

function tensorsOf({
  activation,
  encoder,
  encoderBias,
  decoder,
  decoderBias,
  skip,
}: Sae): Record<string, Tensor> {
  const gated = activation.kind === 'gated';
  return {
    'encoder.weight': matrixTensor(encoder),
    [gated ? 'b_gate' : 'encoder.bias']: vectorTensor(encoderBias),
    'decoder.weight': matrixTensor(transpose(decoder)),
    'decoder.bias': vectorTensor(decoderBias),
    ...(activation.kind === 'jumprelu' ? { threshold: vectorTensor(activation.threshold) } : {}),
    ...(gated
      ? { b_mag: vectorTensor(activation.magnitudeBias), r_mag: vectorTensor(activation.magnitudeLogScale) }
      : {}),
    ...(skip ? { W_skip: matrixTensor(skip) } : {}),
  };
}

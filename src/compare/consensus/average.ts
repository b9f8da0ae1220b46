// An SAE of families of features: mean directions, and encoders so that pre-activations are averaged.
//
// A feature i contributes z·D_i to a reconstruction; with û = D_i/‖D_i‖ that is (‖D_i‖·z)·û, whatever the length of D_i. Of a family
// whose members are turned by s_i to its mean direction (features/families/mean-direction.ts):
//   encoder  w = mean s_i·‖D_i‖·W_i,   bias  b = mean s_i·‖D_i‖·(b_i − W_i·b_d where that is taken from the input) + w·b̄_d,
// b̄_d the mean decoder bias of the SAEs, which is taken from the input. So the pre-activation of the family is the mean of those of
// its members, of x itself. Of a gated SAE those of its magnitude are meant: exp(r)·W·(x − b_d) + b_m.
// A member that fires on other rows than the family points to has its encoder left out.
import type { Family } from '../../features/families/families.js';
import { addMeanDirection, writers } from '../../features/families/mean-direction.js';
import type { Member } from '../../sae/member.js';
import { dModel, type Sae, topKSae } from '../../sae/sae.js';
import { dot, row, sharedFloat32, zeros } from '../../tensor/matrix.js';

/** What pre-activation a feature has, as w·x + b, of x as it comes. */
interface Reads {
  readonly scale: (feature: number) => number;
  readonly bias: (feature: number) => number;
}

function readsOf({ encoder, encoderBias, decoderBias, activation, subtractDecoderBias }: Sae): Reads {
  const gated = activation.kind === 'gated' ? activation : undefined;
  const scale = (i: number) => (gated ? Math.exp(gated.magnitudeLogScale[i]) : 1);
  return {
    scale,
    bias: (i) =>
      (gated ? gated.magnitudeBias[i] : encoderBias[i]) -
      (subtractDecoderBias ? scale(i) * dot(row(encoder, i), decoderBias) : 0),
  };
}

/** A TopK SAE of one feature for each family, in their order; all members without a norm of their input, or with the same. */
export function averageSae(members: readonly Member[], families: readonly Family[], k: number): Sae {
  const [{ sae: first }] = members;
  const d = dModel(first);
  const decoderBias = sharedFloat32(d);
  for (const { sae } of members)
    for (let t = 0; t < d; t++) decoderBias[t] += sae.decoderBias[t] / members.length;
  const decoder = zeros(families.length, d);
  const encoder = zeros(families.length, d);
  const encoderBias = sharedFloat32(families.length);
  const [of, reads] = [writers(members), members.map(({ sae }) => readsOf(sae))];
  families.forEach((family, f) => {
    const { turned, fires } = addMeanDirection(decoder, f, family, of);
    const sum = new Float64Array(d);
    const count = fires.filter(Boolean).length;
    let bias = 0;
    family.members.forEach(({ sae, feature }, m) => {
      if (!fires[m]) return;
      const weight = (turned[m] * of[sae].norms[feature]) / count;
      const from = row(members[sae].sae.encoder, feature);
      const scale = weight * reads[sae].scale(feature);
      for (let t = 0; t < d; t++) sum[t] += scale * from[t];
      bias += weight * reads[sae].bias(feature);
    });
    const to = row(encoder, f);
    for (let t = 0; t < d; t++) {
      to[t] = sum[t];
      bias += sum[t] * decoderBias[t];
    }
    encoderBias[f] = bias;
  });
  const weights = { encoder, encoderBias, decoder, decoderBias };
  return {
    ...topKSae(weights, Math.max(1, Math.min(k, families.length))),
    ...(first.inputNorm ? { inputNorm: first.inputNorm } : {}),
  };
}

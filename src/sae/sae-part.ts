// One stretch of a decoder that is made of several, with what belongs to it: the weights of one model of a crosscoder, or of
// one layer that a cross-layer transcoder writes.
import { type Matrix, zeros } from '../tensor/matrix.js';
import type { Sae } from './sae.js';

/**
 * Weights of part `index` of the SAE's `parts`, copied: [F × d′/parts] of its decoder, and of its encoder where that is made of
 * the same. Codes come from all parts together, so that these weights alone encode nothing.
 */
export function saePart(sae: Sae, index: number): Sae {
  const { parts = [], skip: _, ...whole } = sae;
  const joined = sae.encoder.cols === sae.decoder.cols && !sae.transcoder;
  const width = sae.decoder.cols / parts.length;
  return {
    ...whole,
    parts: [parts[index]],
    encoder: joined ? columnsOf(sae.encoder, index * width, width) : sae.encoder,
    decoder: columnsOf(sae.decoder, index * width, width),
    decoderBias: sae.decoderBias.slice(index * width, (index + 1) * width),
  };
}

function columnsOf({ rows, cols, data }: Matrix, from: number, width: number): Matrix {
  const out = zeros(rows, width);
  for (let i = 0; i < rows; i++) {
    out.data.set(data.subarray(i * cols + from, i * cols + from + width), i * width);
  }
  return out;
}

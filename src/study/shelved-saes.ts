// SAEs of a study whose matrices are read when somebody asks for them: a study may have more of them than fit into memory.
//
// Only checkpoints that reseed has written are opened so: what is in their files is what the SAE computes with, but for the encoder,
// which lies there the other way round.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFloat32Now } from '../formats/read-float32-now.js';
import { openCheckpoint } from '../sae/checkpoint.js';
import { openSae } from '../sae/open-sae.js';
import { withoutMatrices } from '../sae/outline.js';
import { type OpenedSae, readSae } from '../sae/read-sae.js';
import type { Sae } from '../sae/sae.js';
import { saelensFiles } from '../sae/sources/saelens-write.js';
import { transpose } from '../tensor/matrix.js';
import { isShelved, Shelf } from '../tensor/shelf.js';

/** Bytes of weights from which on an SAE is read when it is needed; smaller ones are read at once and held. */
const worthShelving = 2 ** 26;

/** Bytes of weights that are held, of all SAEs together. */
export const heldBytes = 2 ** 32;

/** Another number of bytes, in $RESEED_HELD_SAES: what is larger than a tenth of it is then read when it is needed. */
function asked(): number | undefined {
  const text = process.env['RESEED_HELD_SAES'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

let shelf: Shelf | undefined;

function theShelf(): Shelf {
  shelf ??= new Shelf(asked() ?? heldBytes);
  return shelf;
}

/** Whether the SAE in this folder is one that is read when it is needed. */
export async function isLarge(folder: string): Promise<boolean> {
  const { size } = await stat(join(folder, saelensFiles.weights)).catch(() => ({ size: 0 }));
  return size >= Math.min(worthShelving, (asked() ?? Number.POSITIVE_INFINITY) / 10);
}

/** @param folder of a checkpoint that reseed has written @throws as `openSae` */
export async function openOwnSae(folder: string): Promise<OpenedSae> {
  if (!(await isLarge(folder))) return openSae(folder);
  const file = join(folder, saelensFiles.weights);
  const { sae, ...opened } = await openCheckpoint(folder, (checkpoint) =>
    readSae({ ...checkpoint, tensors: withoutMatrices(checkpoint.tensors) }),
  );
  // Skip connections are small beside the rest; none is trained here.
  if (sae.skip) return openSae(folder);
  const { rows: features, cols: width } = sae.encoder;
  const encoder = theShelf().matrix(features, width, () => {
    return transpose({ rows: width, cols: features, data: readFloat32Now(file, 'W_enc') }).data;
  });
  const decoder = theShelf().matrix(sae.decoder.rows, sae.decoder.cols, () => readFloat32Now(file, 'W_dec'));
  return { ...opened, sae: { ...sae, encoder, decoder } };
}

/** An SAE before training; its matrices are drawn anew when they are asked for where those of the trained one are read so. */
export function initOf(sae: Sae, draw: () => Sae): Sae {
  const first = draw();
  if (!isShelved(sae.encoder)) return first;
  let drawn: Sae | undefined = first;
  const [encoder, decoder] = theShelf().together(
    [first.encoder, first.decoder].map(({ rows, cols }) => [rows, cols] as const),
    () => {
      const { encoder: reads, decoder: writes } = drawn ?? draw();
      drawn = undefined;
      return [reads.data, writes.data];
    },
  );
  // Taken up by the shelf, so that they can be let go.
  void encoder.data;
  return { ...first, encoder, decoder };
}

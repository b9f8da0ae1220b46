// What `inspect` can be told, and which activations are for an SAE.
import { ReseedError } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { dModel, type Sae } from '../sae/sae.js';
import type { StatedSettings } from '../sae/stated-settings.js';
import type { Matrix } from '../tensor/matrix.js';

export interface InspectOptions extends WorkOptions {
  /** Read weights however large they are. */
  readonly full?: boolean;
  /** Activations X [N×d] to see which features an SAE uses, and the kernel to encode them. */
  readonly usage?: {
    readonly x: Matrix;
    /** What a transcoder should write [N×d′], row by row of the same. */
    readonly targets?: Matrix;
    readonly kernel: Kernel;
  };
  /** What the files of an SAE may leave open. */
  readonly stated?: StatedSettings;
}

export function requireRowByRow(usage: InspectOptions['usage']): void {
  const { x, targets } = usage ?? {};
  if (!x || !targets || x.rows === targets.rows) return;
  throw new ReseedError('input.shape', 'targets and activations differ in rows', {
    field: 'targets',
    found: `${targets.rows} rows`,
    expected: `${x.rows}`,
  });
}

export function requireWidth({ encoder }: Sae, { rows, cols }: Matrix): void {
  if (cols === encoder.cols) return;
  throw new ReseedError('usage.argument', 'they are of another width than what the SAE reads', {
    field: 'activations',
    found: `[${rows} × ${cols}]`,
    expected: `[${rows} × ${encoder.cols}]`,
  });
}

export function requireTargets(sae: Sae, { rows, cols }: Matrix): void {
  if (!sae.transcoder) {
    throw new ReseedError('usage.argument', 'they have no effect here', {
      field: 'targets',
      found: 'no transcoder',
      expected: 'one; of a plain state dict it must be stated (--transcoder)',
    });
  }
  if (cols === dModel(sae)) return;
  throw new ReseedError('usage.argument', 'they are not what this transcoder writes', {
    field: 'targets',
    found: `[${rows} × ${cols}]`,
    expected: `[${rows} × ${dModel(sae)}]`,
  });
}

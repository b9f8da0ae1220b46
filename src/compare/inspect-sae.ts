// What is said of one SAE: its shape and settings, its weights, and which features it uses on given activations.

import { activationParts } from '../activations/activation-tensor.js';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { valueCount } from '../formats/tensor.js';
import type { WorkOptions } from '../kernel/interface.js';
import type { InspectedFile, InspectedUsage, SaeInspection, SaeSummary } from '../report/inspection.js';
import type { Checkpoint } from '../sae/checkpoint.js';
import { encode } from '../sae/encode.js';
import { measureFit } from '../sae/fit.js';
import { settingsBeside } from '../sae/known-settings.js';
import { withoutMatrices } from '../sae/outline.js';
import { isKnownLayout, type OpenedSae, readSae } from '../sae/read-sae.js';
import { dModel, dSae, kOf, type Sae } from '../sae/sae.js';
import { deadByNorm, numerics, weightStatistics } from '../sae/weight-statistics.js';
import { liveFeatures, meanActive } from '../tensor/sparse-codes.js';
import { type InspectOptions, requireTargets, requireWidth } from './inspect-options.js';
import { isAboutContent, reasonOf, withoutFound, withoutPart } from './inspect-reasons.js';

/** Weights of more values than this are not read without being asked to: 512 MiB of float32. */
const mostValues = 2 ** 27;

export async function inspectSae(
  checkpoint: Checkpoint,
  file: InspectedFile,
  { full = false, usage, stated = {}, signal }: InspectOptions,
): Promise<SaeInspection> {
  const values = file.tensors.reduce((sum, { shape }) => sum + valueCount(shape), 0);
  const whole = full || usage !== undefined || values <= mostValues;
  const { opened, open } = await readAsFarAsTold({
    ...checkpoint,
    stated: { ...stated, ...(usage ? { activations: usage } : {}) },
    ...(whole ? {} : { tensors: withoutMatrices(checkpoint.tensors) }),
  });
  const { sae, assumptions } = opened;
  const weights = whole ? weightStatistics(sae) : undefined;
  if (usage) requireWidth(sae, usage.x);
  if (usage?.targets) requireTargets(sae, usage.targets);
  const used = usage && (await usageOn(sae, usage, signal ? { signal } : {}));
  return {
    kind: 'sae',
    ...file,
    ...summaryOf(file.path, opened),
    ...(open === undefined ? {} : { ...openOf(open, ''), settings: settingsBeside(checkpoint) }),
    activation: sae.activation.kind,
    transcoder: sae.transcoder ?? false,
    assumptions,
    ...(weights ? { weights } : {}),
    ...(whole ? { numerics: numerics(sae), deadByNorm: deadByNorm(sae.decoder) } : {}),
    ...(used ? { usage: used } : {}),
  };
}

/** One of many: its weights are read only where it is to encode activations. */
export async function summarise(
  path: string,
  part: string,
  checkpoint: Checkpoint,
  { usage, stated = {}, signal }: InspectOptions,
): Promise<SaeSummary> {
  const { opened, open } = await readAsFarAsTold({
    ...checkpoint,
    stated: { ...stated, ...(usage ? { activations: usage } : {}) },
    ...(usage ? {} : { tensors: withoutMatrices(checkpoint.tensors) }),
  }).catch((error: unknown) => {
    throw holdsActivations(checkpoint) ? onlyActivations(checkpoint) : error;
  });
  const used = usage?.x.cols === opened.sae.encoder.cols ? usage : undefined;
  return {
    ...summaryOf(path, opened),
    ...(open === undefined ? {} : openOf(open, part)),
    ...(used ? { usage: await usageOn(opened.sae, used, signal ? { signal } : {}) } : {}),
  };
}

function holdsActivations(checkpoint: Checkpoint): boolean {
  if (isKnownLayout(checkpoint)) return false;
  try {
    return activationParts(checkpoint.tensors).cols > 0;
  } catch {
    return false;
  }
}

function onlyActivations({ tensors }: Checkpoint): ReseedError {
  return new ReseedError('input.format', 'activations, which inspect shows by themselves', {
    file: tensors.file,
  });
}

/** Where its files do not say how it encodes, and nothing is to be encoded, what can be read without that. */
async function readAsFarAsTold(
  checkpoint: Checkpoint,
): Promise<{ readonly opened: OpenedSae; readonly open?: ReseedError }> {
  try {
    return { opened: await readSae(checkpoint) };
  } catch (error) {
    const { stated = {} } = checkpoint;
    const isOpen = error instanceof ReseedError && isAboutContent(error) && isKnownLayout(checkpoint);
    if (!isOpen || stated.activations) throw error;
    const weightsOnly = { ...checkpoint, stated: { ...stated, weightsOnly: true } };
    const opened = await readSae(weightsOnly).catch(() => {
      throw error;
    });
    return { opened, open: error };
  }
}

function summaryOf(path: string, { sae, origin, hookName }: OpenedSae): SaeSummary {
  const { format, path: _, ...rest } = origin;
  const k = kOf(sae);
  return {
    path,
    format,
    architecture: sae.architecture,
    dModel: sae.encoder.cols,
    ...(dModel(sae) === sae.encoder.cols ? {} : { dOut: dModel(sae) }),
    dSae: dSae(sae),
    ...defined({ k, hookName }),
    origin: rest,
  };
}

/** @param part what the names of its tensors begin with */
function openOf(open: ReseedError, part: string): Pick<SaeSummary, 'open' | 'openKind'> {
  return {
    open: withoutPart(reasonOf(open), part),
    openKind: withoutPart(reasonOf(withoutFound(open)), part),
  };
}

async function usageOn(
  sae: Sae,
  { x, targets, kernel }: NonNullable<InspectOptions['usage']>,
  work: WorkOptions,
): Promise<InspectedUsage> {
  const codes = await encode(sae, x, kernel, work);
  const live = liveFeatures(codes).length;
  const wanted = sae.transcoder ? targets : x;
  return {
    rows: x.rows,
    live,
    deadByFiring: dSae(sae) - live,
    l0: meanActive(codes),
    ...(wanted?.cols === dModel(sae)
      ? { explainedVariance: measureFit(sae, x, codes, wanted).explainedVariance }
      : {}),
  };
}

// Chooses the kernel: native where its addon is built and loads, else portable; says why in one line.
import { availableParallelism } from 'node:os';
import { ReseedError } from '../errors.js';
import type { Kernel } from './interface.js';
import { loadNative } from './native/addon.js';
import { createNativeKernel } from './native/index.js';
import { createPortableKernel } from './portable/index.js';

/** What a command can be told to use; `webgpu` is opened by open.ts. */
export const kernelChoices = ['auto', 'native', 'portable', 'webgpu'] as const;

export type KernelChoice = (typeof kernelChoices)[number];

export interface SelectOptions {
  /** Worker threads; by default as many as the machine can run at once. */
  readonly threads?: number | undefined;
  /** `auto` (the default) obeys the environment variable RESEED_KERNEL where it is set. */
  readonly kernel?: Exclude<KernelChoice, 'webgpu'> | undefined;
}

/**
 * Starts a kernel; the caller closes it. `kernel.reason` says why it was chosen.
 * @throws usage.argument for an unknown choice or a number of threads below 1
 * @throws internal.kernel when `native` is demanded and its addon is missing or does not load
 */
export function selectKernel({ threads, kernel = 'auto' }: SelectOptions = {}): Kernel {
  const count = threads ?? availableParallelism();
  if (!Number.isInteger(count) || count < 1) {
    throw new ReseedError('usage.argument', 'not a number of threads', {
      field: 'threads',
      found: String(count),
      expected: 'a whole number of at least 1',
    });
  }
  const asked = kernel === 'auto' ? wantedKernel() : kernel;
  const wanted = asked === 'webgpu' ? 'auto' : asked;
  if (wanted === 'portable') return createPortableKernel({ threads: count, reason: 'as asked' });
  const loaded = loadNative();
  if ('addon' in loaded) {
    const path = process.env['RESEED_KERNEL_PATH'] || loaded.addon.paths[0];
    if (!loaded.addon.paths.includes(path)) {
      throw new ReseedError('usage.argument', 'not a code path of the native kernel on this machine', {
        field: 'RESEED_KERNEL_PATH',
        found: path,
        expected: loaded.addon.paths.join(', '),
      });
    }
    return createNativeKernel({
      threads: count,
      addon: loaded.addon,
      path,
      reason: `${loaded.prebuilt ? 'prebuilt, ' : ''}code path ${path}`,
    });
  }
  if (wanted === 'native') {
    throw new ReseedError('internal.kernel', `the native kernel was asked for, but ${loaded.problem}`);
  }
  return createPortableKernel({ threads: count, reason: `plain TypeScript, because ${loaded.problem}` });
}

/** What the environment variable RESEED_KERNEL says. @throws usage.argument for what is not a kernel */
export function wantedKernel(): KernelChoice {
  const value = process.env['RESEED_KERNEL'] || 'auto';
  const found = kernelChoices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new ReseedError('usage.argument', 'not a kernel', {
    field: 'RESEED_KERNEL',
    found: value,
    expected: kernelChoices.join(', '),
  });
}

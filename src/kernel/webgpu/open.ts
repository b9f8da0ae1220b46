// Finds a WebGPU adapter: that of a browser, or through npm's `webgpu` (Dawn) where that is installed.
/// <reference types="@webgpu/types" />
import { ScreenDevice } from './device.js';

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** What it is, for people. */
  readonly name: string;
  /** Computed on the CPU: right, and never faster than the kernel. */
  readonly software: boolean;
}

// A device works only as long as what made it is held.
let gpu: GPU | undefined;

/** The adapter, or in a few words why there is none. */
export async function findAdapter(): Promise<FoundAdapter | { readonly problem: string }> {
  const found = await webgpu();
  if ('problem' in found) return found;
  gpu = found.gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    return { problem: 'the system offers no WebGPU adapter (its driver for Vulkan, Metal or Direct3D 12)' };
  const { vendor, architecture, description, device } = adapter.info;
  const name =
    [vendor, description || device || architecture].filter((word) => /[a-z]/i.test(word)).join(' ') ||
    'a WebGPU adapter';
  const software = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(name);
  return { adapter, name, software };
}

/** @throws Error where the adapter gives no device */
export function openDevice({ adapter }: FoundAdapter): Promise<ScreenDevice> {
  return ScreenDevice.open(adapter);
}

async function webgpu(): Promise<{ readonly gpu: GPU } | { readonly problem: string }> {
  const ofHost = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (ofHost) return { gpu: ofHost };
  if (gpu) return { gpu };
  // A name that the compiler does not look up: the package is optional.
  const name: string = 'webgpu';
  try {
    const { create } = (await import(name)) as { create(options: readonly string[]): GPU };
    return { gpu: create([]) };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    return {
      problem: missing
        ? 'the package webgpu is not installed (npm install webgpu)'
        : `the package webgpu does not load: ${(error as Error).message}`,
    };
  }
}

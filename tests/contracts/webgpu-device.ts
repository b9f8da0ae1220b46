// The WebGPU device that tests run on: the machine's, or Debian's SwiftShader, which computes on the CPU.
import { existsSync } from 'node:fs';
import type { Screen } from '../../src/kernel/screened/screen.js';
import { findAdapter, openDevice } from '../../src/kernel/webgpu/open.js';
import { webgpuScreen } from '../../src/kernel/webgpu/screen.js';

/** Comes with the package chromium; libvulkan1 loads it. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Unless a driver is named: has Vulkan take SwiftShader where it is. */
export function useSwiftShader(): void {
  if (process.env['VK_ICD_FILENAMES'] !== undefined || !existsSync(swiftShader)) return;
  process.env['VK_ICD_FILENAMES'] = swiftShader;
}

/** The screen of such a device, or why there is none. It is shared and stays open. */
export async function testScreen(): Promise<{ readonly screen: Screen } | { readonly problem: string }> {
  useSwiftShader();
  const found = await findAdapter();
  if ('problem' in found) return found;
  return { screen: { ...webgpuScreen(await openDevice(found), found.name), close() {} } };
}

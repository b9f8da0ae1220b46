// The screens that the tests of screened operations run over, too: one with errors as large as its bound, and WebGPU where it is.
import type { AssignmentSteps } from '../../src/kernel/assignment.js';
import type { Kernel } from '../../src/kernel/interface.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { createScreenedKernel } from '../../src/kernel/screened/index.js';
import { portableSteps } from './assignment-cases.js';
import { noisyScreen } from './reference-screen.js';
import { testScreen } from './webgpu-device.js';

const webgpu = await testScreen();
if ('problem' in webgpu) process.stderr.write(`WebGPU is not tested: ${webgpu.problem}\n`);

/** Kernels whose products are screened. */
export const screenedMakers: readonly { name: string; make: (threads: number) => Kernel }[] = [
  noisyScreen(),
  ...('screen' in webgpu ? [webgpu.screen] : []),
].map((screen) => ({
  name: `${screen.name} over portable`,
  make: (threads: number) =>
    // Steps without threads, for tests that give arrays which are not shared.
    createScreenedKernel({ ...createPortableKernel({ threads }), steps: portableSteps }, screen, {
      worth: 0,
      onTrouble: (line) => {
        throw new Error(line);
      },
    }),
}));

/** Their steps of an assignment. */
export const screenedSteps = screenedMakers.map(
  ({ name, make }): readonly [name: string, steps: AssignmentSteps] => [name, make(1).steps],
);

import { defineConfig } from 'vitest/config';

// Kills whatever executors rest on, one after another: for the night.
export default defineConfig({
  test: {
    include: ['tests/executors/**/*.faults.ts'],
    globalSetup: 'tests/build.ts',
    testTimeout: 1_200_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
    env: { RESEED_CACHE: 'off' },
  },
});

import { defineConfig } from 'vitest/config';

// Limits of time are for a busy machine: nothing here is slow on a quiet one.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/build.ts',
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    // What an earlier version of the code has kept must not answer for this one.
    env: { RESEED_CACHE: 'off' },
  },
});

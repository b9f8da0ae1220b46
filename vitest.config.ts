import { defineConfig } from 'vitest/config';

// Worker threads of the portable kernel run from dist/: `npm test` builds first. Limits of time are for a busy machine:
// nothing here is slow on a quiet one.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    // What an earlier version of the code has kept must not answer for this one.
    env: { RESEED_CACHE: 'off' },
  },
});

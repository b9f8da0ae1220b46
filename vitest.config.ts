import { defineConfig } from 'vitest/config';

// Limits are for a busy machine: nothing here is slow on a quiet one. Worker threads of the portable kernel run from dist/: `npm test` builds first.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});

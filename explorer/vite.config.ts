// Builds the page into dist/explorer: one script, one worker, one style sheet, all asked for by relative paths.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// Also where tests build it: for any other NODE_ENV React has a larger and slower build.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    // Every browser that has module workers and `light-dark`.
    target: 'es2023',
    modulePreload: false,
    // A busy machine is no reason for a warning.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } } },
  // Readers of checkpoints take paths apart: what they ask for of Node is the same there.
  resolve: { alias: { 'node:path': 'pathe' } },
});

// Builds the page into dist/explorer: one script, one worker, one style sheet, all asked for by relative paths.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // Also where tests build it, whose NODE_ENV is another: React has a build for that, which is larger and slower.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    // Every browser that has module workers and `light-dark`.
    target: 'es2023',
    modulePreload: false,
    // A busy machine is no reason for a warning.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  worker: { format: 'es' },
});

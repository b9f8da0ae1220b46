// Runs the Python snippets of the pages: PYTHON=… npm run docs:snippets
//
// PYTHON (python3) is an interpreter that has pandas with pyarrow, polars and duckdb. Snippets whose package it lacks are left
// out, and that is said. The snippets stand in docs/; Vite, which vitest brings, runs tests/docs/snippets.ts.
import { runnerImport } from 'vite';
import { python } from './peers.mjs';

const root = new URL('../', import.meta.url).pathname;
const { module } = await runnerImport(`${root}tests/docs/snippets.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
process.exitCode = module.runSnippets(python) > 0 ? 1 : 0;

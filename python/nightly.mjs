// What needs the real packages: their objects against the files that they write, and the notebook. PYTHON=… npm run python:nightly
//
// PYTHON (python3) is an interpreter that has this package (pip install -e python), sae-lens, dictionary-learning, eai-sparsify,
// pandas with pyarrow, pytest, nbconvert and ipykernel.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const python = process.env.PYTHON ?? 'python3';
const out = mkdtempSync(join(tmpdir(), 'reseed-nightly-'));
const run = (...args) => {
  const env = { ...process.env, RESEED_CACHE: 'off' };
  const { status } = spawnSync(python, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
};
try {
  run('-m', 'pytest', '-q', '-c', 'python/pyproject.toml', 'python/peers');
  // It checks what it finds: an assertion in it fails the command.
  const notebook = 'examples/compare-seeds.ipynb';
  run('-m', 'nbconvert', '--to', 'notebook', '--execute', notebook, '--output-dir', out);
} finally {
  rmSync(out, { recursive: true, force: true });
}

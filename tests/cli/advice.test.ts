// Every refusal of a file or a flag, and that its advice, followed, works: the refused input, what the message must say, what is
// done about it, and what then comes out. The tables stand in advice/; the last test sees that no message is missing.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSae } from '../../src/sae/read-sae.js';
import { environment, installed } from '../activations/onnx/installed.js';
import { checkpointOf } from '../sae/memory-checkpoint.js';
import { cases as ofActivations } from './advice/activations.js';
import { cases as ofFiles } from './advice/files.js';
import { cases as ofFlags } from './advice/flags.js';
import { run, write } from './advice/follow.js';
import { cases as ofHarvest } from './advice/harvest.js';
import { inMemory } from './advice/in-memory.js';
import { cases as ofLayouts } from './advice/layouts.js';
import { cases as ofSettings } from './advice/settings.js';
import { cases as ofTokens } from './advice/tokens.js';

const cases = [
  ...ofHarvest,
  ...ofTokens,
  ...ofSettings,
  ...ofLayouts,
  ...ofFiles,
  ...ofActivations,
  ...ofFlags,
];

const before = process.cwd();
beforeAll(async () => {
  Object.assign(process.env, environment);
  process.chdir(await installed('onnxruntime-node', '@huggingface/tokenizers'));
});
afterAll(() => process.chdir(before));

const longest = (parts: readonly string[]) => parts.reduce((a, b) => (a.length >= b.length ? a : b));

it.each(cases.map((one) => [one.problem, one.command, one] as const))('%s: %s', async (_, __, one) => {
  const folder = await mkdtemp(join(tmpdir(), 'reseed-advice-'));
  try {
    await write(folder, one.files);
    const first = await run(folder, one.command);
    const refusal = first.message || /^No SAE: .*/ms.exec(first.printed)?.[0].replace(/\s+/g, ' ') || '';
    if (one.problem !== 'problem' && one.problem !== 'message')
      expect(refusal).toContain(longest(one.problem.split('…')));
    expect(refusal).toMatch(one.advice);
    await write(folder, one.mended ?? {});
    if (one.removed) await rm(join(folder, one.removed), { recursive: true });
    const { printed, message } = await run(folder, (one.followed ?? '@=').replace('@=', one.command));
    expect(message).toBe('');
    expect(printed).toMatch(one.outcome);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each(inMemory.map((one) => [one.problem, one] as const))('%s', async (problem, {
  written,
  advice,
  mended,
  stated,
}) => {
  const refusal = await readSae(await checkpointOf(written)).catch((error: Error) => error.message);
  expect(refusal).toContain(problem);
  expect(refusal).toMatch(advice);
  const { sae } = await readSae({
    ...(await checkpointOf({ ...written, ...mended })),
    ...(stated ? { stated } : {}),
  });
  expect(sae.decoder).toMatchObject({ rows: 3, cols: 2 });
});

/** What no command can bring about, or nothing can be done about. */
const ofNoCommand = [
  // Packages that are not there, or cannot be loaded: tests/cli/harvest.test.ts.
  '… needs a package that is not installed',
  'it is installed and cannot be loaded',
  // Of a tensor that was found before, and a column of Parquet: tests/activations/onnx.
  'the model computes no tensor of that name',
  'the model gives a tensor of another shape',
  'it is not a text',
  // Calls of the library.
  'it has no such rows',
  'two SAEs have one id',
  'activations and codes must have the same rows',
  'this SAE cannot be decoded from its codes alone',
  'how this SAE encodes is not in its files',
  // A damaged file, too little memory, and a file that is written while it is read.
  'it claims more rows than can be counted',
  'it claims more values than its file holds',
  'they do not fit into memory',
  'it changed while it was read',
  // Of files that are compared in a browser: tests/compare/compare-decoders.test.ts.
  'a weight of the decoder is not finite',
  'no decoder row has a direction',
  // A line of `inspect FOLDER`, and no refusal.
  'activations, which inspect shows by themselves',
];

it('knows every message', async () => {
  const src = new URL('../../src/', import.meta.url).pathname;
  const files = [
    ...(await readdir(`${src}sae`, { recursive: true })).map((name) => `sae/${name}`),
    ...['path', 'rows', 'tensor'].map((name) => `activations/activation-${name}.ts`),
    ...['shard-reader', 'tokens', 'read-blocks'].map((name) => `activations/${name}.ts`),
    'formats/read-parquet.ts',
    ...(await readdir(`${src}compare`, { recursive: true })).map((name) => `compare/${name}`),
    ...(await readdir(`${src}activations/onnx`)).map((name) => `activations/onnx/${name}`),
    ...[
      'compare',
      'consensus',
      'given-saes',
      'inspect',
      'convert',
      'harvest',
      'sae-argument',
      'stated-options',
    ].map((name) => `cli/${name}.ts`),
  ].filter((name) => name.endsWith('.ts'));
  const text = `'((?:[^'\\\\]|\\\\.)+)'|\`([^\`]+)\``;
  // A problem stands in the error itself, in a constant of that name, or is what a file's own function is given.
  const places = [
    new RegExp(`ReseedError\\(\\s*'[\\w.-]+',\\s*(?:${text})`, 'g'),
    new RegExp(`const problem =\\s*(?:${text})`, 'g'),
    /notEncoded\([^;]*?,\s*'(how [^']+)'/g,
    new RegExp(`fail\\((?:${text})`, 'g'),
    /refuse\(\s*(?:tensors\.)?file,[^;]*?,\s*'((?:they|it|what) [^']+)'/g,
  ];
  const found = new Set<string>();
  for (const name of files) {
    const source = await readFile(join(src, name), 'utf8');
    for (const place of places)
      for (const [, plainly, filled] of source.matchAll(place))
        found.add(plainly ?? filled.replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '…'));
  }
  const known = new Set([
    ...cases.map((one) => one.problem),
    ...inMemory.map((one) => one.problem),
    ...ofNoCommand,
  ]);
  expect(found.size).toBeGreaterThan(70);
  expect([...found].filter((one) => !known.has(one))).toEqual([]);
  expect([...known].filter((one) => !found.has(one) && !['problem', 'message'].includes(one))).toEqual([]);
});

// The whole command, `reseed compare … --out`, beside the notebook that one writes by hand: time, memory, and the scores.
//
// Both are programs of their own, run in turn, and say themselves what they used: time of all their threads, and the most
// memory that lay in RAM. Ours counts from its start to its end, with every report; the notebook without its imports.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wholeCases } from './make-case.mjs';
import { median } from './median.mjs';
import { peerEnvironment, python } from './peers.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Scores on both sides agree where they differ by no more; ranks and counts in relation to their size. */
const tolerance = 1e-4;

/** Runs a program to its end. @throws with the end of what it told where that is not a success */
async function finished(program, args, env = process.env) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told = (told + chunk).slice(-2000);
  });
  const begin = performance.now();
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  if (code !== 0) throw new Error(`it ended with ${signal ?? `code ${code}`}\n${told.trimEnd()}`);
  return (performance.now() - begin) / 1000;
}

const json = async (file) => JSON.parse(await readFile(file, 'utf8'));

/** Makes the case unless it is there; in a process of its own, which takes its memory with it. */
async function readyCase(name, root) {
  const folder = join(root, `case-${name}`);
  const { saes, rows } = wholeCases[name];
  const last = rows > 0 ? 'x.npy' : join(`s${saes - 1}`, 'cfg.json');
  if (!(await stat(join(folder, last)).catch(() => undefined))) {
    console.log(`making case ${name} in ${folder}`);
    await mkdir(folder, { recursive: true });
    await finished(process.execPath, [here('./make-case.mjs'), name, folder]);
  }
  return {
    folder,
    saes: Array.from({ length: saes }, (_, s) => join(folder, `s${s}`)),
    activations: rows > 0 ? ['--activations', join(folder, 'x.npy')] : [],
  };
}

async function runOurs({ saes, activations }, scratch, { threads, kernel }) {
  const out = join(scratch, 'out');
  const usage = join(scratch, 'usage.json');
  const cli = [here('../dist/cli/main.js'), 'compare', ...saes, ...activations];
  const flags = ['--out', out, '--threads', String(threads), '--kernel', kernel];
  const seconds = await finished(process.execPath, ['--import', here('./own-usage.mjs'), ...cli, ...flags], {
    ...process.env,
    OWN_USAGE: usage,
    // Each run does all of its work.
    RESEED_CACHE: 'off',
  });
  const [group] = (await json(join(out, 'results.json'))).groups;
  const scores = Object.fromEntries(Object.entries(group.metrics).map(([id, { mean }]) => [id, mean]));
  return { seconds, ...(await json(usage)), scores: { ...scores, ...rowScores(group.activations) } };
}

const rowScores = (rows) =>
  rows ? { distinctRows: rows.distinctRows, effectiveRank: rows.effectiveRank } : {};

async function runNotebook({ saes, activations }, scratch, { threads, peers }) {
  const answer = join(scratch, 'notebook.json');
  await finished(
    python,
    [here('./notebook.py'), answer, ...saes, ...activations],
    peerEnvironment(threads, peers),
  );
  return json(answer);
}

/**
 * Bytes that the notebook holds at once, about: weights and unit rows, activations, and of an assignment the cosines,
 * their absolute values, and the two float64 copies that SciPy makes of them.
 */
function notebookNeeds({ saes, features, d, rows }) {
  return 16 * saes * features * d + 4 * rows * d + 24 * features ** 2;
}

const gib = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** Scores that both have, and those that differ, largest difference first. */
function compareScores(ours, theirs) {
  const both = Object.keys(theirs).filter((id) => ours[id] !== undefined);
  const apart = both
    .map((id) => {
      const scale = Math.max(1, Math.abs(theirs[id]));
      return { id, ours: ours[id], theirs: theirs[id], difference: Math.abs(ours[id] - theirs[id]) / scale };
    })
    .sort((a, b) => b.difference - a.difference);
  return {
    compared: both.length,
    missing: Object.keys(theirs).filter((id) => ours[id] === undefined),
    largest: apart[0],
    differing: apart.filter(({ difference }) => !(difference <= tolerance)),
  };
}

function saidOfScores({ compared, missing, largest, differing }) {
  const without = missing.length > 0 ? `; ours has no ${missing.join(', ')}` : '';
  if (differing.length > 0) {
    const each = differing.map(({ id, ours, theirs }) => `${id} ${ours} here, ${theirs} there`);
    return `scores DIFFER: ${each.join('; ')}${without}`;
  }
  return `scores: all ${compared} agree to ${tolerance} (most apart: ${largest.id}, ${largest.difference.toExponential(1)})${without}`;
}

/** One case, in turn; the notebook is left out where it is not installed or has no room. */
async function measureCase(name, scratch, root, options) {
  const size = wholeCases[name];
  const made = await readyCase(name, root);
  const needs = notebookNeeds(size);
  const room = freemem();
  const obstacle = !options.peer
    ? 'not all of NumPy, SciPy and PyTorch are installed'
    : needs > room
      ? `it needs about ${gib(needs)}, and ${gib(room)} are free`
      : undefined;
  const [ours, theirs] = [[], []];
  let fault = obstacle;
  for (let round = 0; round < options.rounds; round++) {
    ours.push(await runOurs(made, scratch, options));
    if (fault) continue;
    try {
      theirs.push(await runNotebook(made, scratch, options));
    } catch (error) {
      fault = error.message;
    }
  }
  const of = (runs, key) => (runs.length > 0 ? median(runs.map((run) => run[key])) : undefined);
  const ratio = (key) =>
    theirs.length > 0 ? median(theirs.map((run, r) => run[key] / ours[r][key])) : undefined;
  const keys = ['seconds', 'cpuSeconds', 'peakBytes'];
  return {
    case: name,
    ...size,
    ours: Object.fromEntries(keys.map((key) => [key, of(ours, key)])),
    notebook: Object.fromEntries(keys.map((key) => [key, of(theirs, key)])),
    ratios: Object.fromEntries(keys.map((key) => [key, ratio(key)])),
    ...(theirs.length > 0
      ? {
          scores: compareScores(ours[0].scores, theirs[0].scores),
          importSeconds: theirs[0].importSeconds,
          stages: theirs[0].stages,
        }
      : {}),
    ...(fault ? { fault } : {}),
  };
}

function printedCase({ case: name, saes, features, d, rows, ours, notebook, ratios }) {
  const seconds = (value) => (value === undefined ? '–' : value.toFixed(1));
  const mib = (value) => (value === undefined ? '–' : (value / 2 ** 20).toFixed(0));
  const times = (value) => (value === undefined ? '–' : `${value.toFixed(2)}×`);
  return `| ${[
    `${name}: ${saes} × [${features} × ${d}]${rows ? `, ${rows} rows` : ''}`,
    ...[ours, notebook].flatMap((o) => [seconds(o.seconds), seconds(o.cpuSeconds), mib(o.peakBytes)]),
    `**${times(ratios.seconds)}**`,
    times(ratios.cpuSeconds),
    times(ratios.peakBytes),
  ].join(' | ')} |`;
}

function notesOf({ case: name, scores, importSeconds, stages, fault }) {
  const notes = fault ? [`${name}: the notebook did not run: ${fault}`] : [];
  if (scores) {
    const parts = Object.entries(stages).map(([stage, seconds]) => `${stage} ${seconds.toFixed(1)} s`);
    notes.push(`${name}: ${saidOfScores(scores)}`);
    notes.push(`${name}: notebook: ${parts.join(', ')}; imports ${importSeconds.toFixed(1)} s, not counted`);
  }
  return notes;
}

/**
 * Prints a table of these cases and returns what it is made of.
 * @param names keys of wholeCases
 * @param options.peer whether the notebook can run
 * @param options.folder where cases are made and kept, as case-S …; a temporary one by default, kept with `keep`
 */
export async function benchWhole(names, { folder, keep, codePath, ...options }) {
  const scratch = await mkdtemp(join(tmpdir(), 'reseed-whole-'));
  const root = folder ?? join(scratch, 'cases');
  const results = [];
  try {
    console.log(
      `\n| whole comparison, ours on ${codePath} | s | processor s | peak MiB | notebook, s | processor s | peak MiB | ratio | by processor time | by memory |`,
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
    for (const name of names) {
      const result = await measureCase(name, scratch, root, options);
      results.push(result);
      console.log(printedCase(result));
    }
    for (const note of results.flatMap(notesOf)) console.log(`\n${note}`);
    if (keep && !folder) console.log(`\ncases are kept in ${root}`);
  } finally {
    if (!keep || folder) await rm(scratch, { recursive: true, force: true });
  }
  return results;
}

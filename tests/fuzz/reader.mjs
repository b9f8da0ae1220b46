// Opens each file that it is told of as reseed does, reads its tensors and some of their rows, and answers with what
// came of it: 'read', 'refused' with a message for the user, or 'fault' with what should not have been. It runs as a
// process of its own, so that it may crash, or be killed where it hangs.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ReseedError } from '../../dist/errors.js';
import { mostInflatedBytes, mostTensorBytes } from '../../dist/formats/limits.js';
import { allocated } from './allocation-meter.mjs';

const { openTensorFile } = await import(process.argv[2] ?? '../../dist/formats/open-tensor-file.js');

const { openSae } = await import('../../dist/sae/open-sae.js');
const { saesAt } = await import('../../dist/sae/checkpoint.js');
const { openActivations } = await import('../../dist/activations/activation-rows.js');

const mostMilliseconds = 2000;
/** Windows, blocks that are read ahead and the like, which do not grow with the file. */
const working = 4 * 2 ** 20;
const longestMessage = 12_000;
/** Of one file, which may name the same bytes any number of times. */
const mostReads = 24;

class Fault extends Error {}

function require(holds, problem) {
  if (!holds) throw new Fault(problem);
}

/** Watches the steps of reading a file: each must be quick, and allocate no more than it may. */
class Watch {
  milliseconds = 0;
  bytes = 0;

  begin(step, most) {
    Object.assign(this, { step, most, cpu: process.cpuUsage(), before: allocated() });
  }

  end() {
    const { user, system } = process.cpuUsage(this.cpu);
    const after = allocated();
    const milliseconds = (user + system) / 1000;
    const bytes = Math.max(after.counted - this.before.counted, after.held - this.before.held);
    this.milliseconds = Math.max(this.milliseconds, milliseconds);
    this.bytes = Math.max(this.bytes, bytes);
    require(milliseconds <= mostMilliseconds, `${this.step} took ${Math.round(milliseconds)} ms`);
    require(bytes <= this.most, `${this.step} allocated ${bytes} bytes, more than ${this.most}`);
  }
}

async function readFile(file, watch) {
  const bytes = readFileSync(file);
  const most = deflates(bytes) ? mostInflatedBytes(bytes.length) : bytes.length;
  watch.begin('opening', 2 * most + working);
  await openTensorFile(file, async (tensors) => {
    JSON.stringify(tensors.values, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    watch.end();
    for (const entry of [...tensors.tensors.values()].slice(0, mostReads)) {
      await readTensor(tensors, entry, watch, mostTensorBytes(most) + working);
    }
  });
  await readActivations(file, watch, most);
}

/** The same as rows of activations: the first of them, and the last without the first positions of sequences. */
async function readActivations(file, watch, most) {
  for (const dropFirst of [0, 1]) {
    watch.begin('opening as activations', 2 * most + working);
    const x = await openActivations(file, { dropFirst }).catch((error) => {
      // Without sequences nothing can be left out.
      if (error.code !== 'usage.argument') refusal(error, file);
    });
    watch.end();
    // Rows of more values than a tensor may have are claimed and not there.
    if (!x || x.rows === 0 || x.cols === 0 || x.cols > 4096) continue;
    const from = dropFirst === 0 ? 0 : x.rows - 1;
    watch.begin('reading a row of activations', 2 * mostTensorBytes(most) + working);
    const row = await orRefused(x.read(from, from + 1), file);
    await x.close();
    watch.end();
    require(!row || row.data.length === x.cols, 'a wrong row of activations');
  }
}

/** A checkpoint: the weights as float32, the wrong way round at first, and what they were read from. */
async function readSae(folder, watch) {
  const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  watch.begin('opening the SAE', 16 * size + working);
  const { sae } = await openAny(folder);
  watch.end();
  const { encoder, decoder, encoderBias, decoderBias, activation } = sae;
  require(encoder.rows > 0 && encoder.rows * encoder.cols === encoder.data.length, 'a wrong encoder');
  require(decoder.rows === encoder.rows &&
    decoder.rows * decoder.cols === decoder.data.length, 'a wrong decoder');
  require(encoderBias.length === encoder.rows && decoderBias.length === decoder.cols, 'wrong biases');
  require(!('k' in activation) ||
    (Number.isInteger(activation.k) &&
      activation.k > 0 &&
      activation.k <= encoder.rows), `a wrong k: ${activation.k}`);
}

/** The first of several SAEs; where the files leave it open how it encodes, as a ReLU, else its directions alone. */
async function openAny(folder) {
  const [path] = await saesAt(folder);
  const readings = [{}, { architecture: 'relu', subtractDecoderBias: true }, { weightsOnly: true }];
  let problem;
  for (const stated of readings) {
    try {
      return await openSae(path, stated);
    } catch (error) {
      if (!(error instanceof ReseedError)) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

/** Whether the directory of a zip file names a deflated member, which may be larger than the file. */
function deflates(bytes) {
  for (let at = bytes.indexOf(directoryEntry); at >= 0; at = bytes.indexOf(directoryEntry, at + 1)) {
    if (bytes[at + 10] === 8) return true;
  }
  return false;
}

const directoryEntry = Buffer.from('PK\x01\x02', 'latin1');

async function readTensor(tensors, { name, shape, dtype }, watch, most) {
  require(shape.every((n) => Number.isSafeInteger(n) && n >= 0), `shape [${shape}] of ${name}`);
  watch.begin(`reading ${name}`, most);
  const whole = await orRefused(tensors.read(name), tensors.file);
  watch.end();
  const count = shape.reduce((product, n) => product * n, 1);
  if (whole) {
    const announced = String(whole.shape) === String(shape) && whole.dtype === dtype;
    require(announced, `${name} is not what was announced`);
    require(whole.data.length === count, `${whole.data.length} values for [${shape}] of ${name}`);
  }
  if (!(shape[0] > 1)) return;
  const rows = { from: Math.floor(shape[0] / 3), to: Math.floor(shape[0] / 3) + 1 };
  watch.begin(`reading a row of ${name}`, most);
  const part = await orRefused(tensors.read(name, rows), tensors.file);
  watch.end();
  const width = count / shape[0];
  if (!whole || !part || width > 4096) return;
  const same = whole.data.slice(rows.from * width, rows.to * width);
  require(part.data.every((value, i) => Object.is(value, same[i])), `rows of ${name} differ from the whole`);
}

/** What was read, or nothing where it was refused as it should be. */
async function orRefused(reading, file) {
  try {
    return await reading;
  } catch (error) {
    refusal(error, file);
    return undefined;
  }
}

/** The message for the user. @throws Fault when that is not what was thrown */
function refusal(error, file) {
  if (error instanceof Fault) throw error;
  require(error instanceof ReseedError, `not a ReseedError: ${error?.stack ?? error}`);
  const { code, message } = error;
  require(code.startsWith('input.'), `the code ${code}: ${message}`);
  require(message.startsWith(file), `a message that does not name the file: ${message}`);
  require(message.length <= longestMessage, `a message of ${message.length} characters`);
  // Names in a file must not move the cursor of a terminal.
  require(!/[\p{Cc}]/u.test(message), `control characters in the message ${JSON.stringify(message)}`);
  return message;
}

async function outcome(file) {
  const watch = new Watch();
  const answer = (ending, message = '') => ({
    ending,
    message,
    milliseconds: watch.milliseconds,
    bytes: watch.bytes,
  });
  try {
    await (statSync(file).isDirectory() ? readSae : readFile)(file, watch);
    return answer('read');
  } catch (error) {
    try {
      const message = refusal(error, file);
      watch.end();
      return answer('refused', message);
    } catch (problem) {
      return answer('fault', problem.message);
    }
  }
}

process.on('message', (file) => {
  outcome(file).then((answer) => process.send(answer));
});

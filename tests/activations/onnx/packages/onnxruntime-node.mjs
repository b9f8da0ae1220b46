// Stands in for onnxruntime-node in tests: computes the few operators of the fixture in float64, a nested loop each. It knows
// opsets to 22, and weights in files beside the model. SMALL_ONNXRUNTIME_DELAY makes it slow, in ms a run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const reseed = process.env.RESEED_DIST;
const { fieldsOf, textOf } = await import(`${reseed}/activations/onnx/protobuf.js`);
const { parseModel } = await import(`${reseed}/activations/onnx/graph.js`);

export class Tensor {
  constructor(type, data, dims) {
    Object.assign(this, { type, data, dims });
  }
}

export const InferenceSession = {
  async create(bytes, { extra }) {
    const model = parseModel(bytes, 'model');
    for (const opset of model.opsets) {
      const version = Number(opset.split(' ')[1]);
      if (version > 22) throw new Error(`ai.onnx opset ${version} is under development: till opset 22`);
    }
    const folder = extra?.session?.model_external_initializers_file_folder_path;
    const weights = new Map(model.weights.map((weight) => [weight.name, weightOf(weight.whole, folder)]));
    return {
      async run(feeds, wanted) {
        await setTimeout(Number(process.env.SMALL_ONNXRUNTIME_DELAY ?? 0));
        const known = new Map(weights);
        for (const [name, { dims, data }] of Object.entries(feeds)) {
          known.set(name, { dims, data: Array.from(data, Number) });
        }
        for (const node of model.nodes) {
          const given = node.inputs.map((name) => known.get(name));
          known.set(node.outputs[0], operators[node.op](given, attributesOf(node.whole)));
        }
        return Object.fromEntries(
          wanted.map((name) => {
            const { dims, data } = known.get(name);
            return [name, new Tensor('float32', Float32Array.from(data), dims)];
          }),
        );
      },
      async release() {},
    };
  },
};

const within = (whole) => fieldsOf(fieldsOf(whole, 'field')[0].bytes, 'field');

function weightOf(whole, folder) {
  const fields = within(whole);
  const dims = fields.filter(({ number }) => number === 1).flatMap(packed);
  const type = fields.find(({ number }) => number === 2).value;
  const raw = fields.find(({ number }) => number === 9)?.bytes ?? external(fields, folder);
  const bytes = Uint8Array.from(raw).buffer;
  const data = type === 1 ? new Float32Array(bytes) : new BigInt64Array(bytes);
  return { dims, data: Array.from(data, Number) };
}

function external(fields, folder) {
  const entries = fields.filter(({ number }) => number === 13);
  const of = Object.fromEntries(entries.map(({ bytes }) => fieldsOf(bytes, 'entry').map(textOf)));
  const at = Number(of.offset);
  return readFileSync(join(folder, of.location)).subarray(at, at + Number(of.length));
}

/** Numbers stand one by one, or together. */
function packed({ wire, value, bytes }) {
  if (wire === 0) return [value];
  const out = [];
  for (const byte of bytes) out.push(byte);
  return out;
}

function attributesOf(whole) {
  const out = {};
  for (const { number, bytes } of within(whole)) {
    if (number !== 5) continue;
    const fields = fieldsOf(bytes, 'attribute');
    const find = (wanted) => fields.filter((field) => field.number === wanted);
    const [name] = find(1).map(textOf);
    const [float] = find(2).map((field) => new DataView(field.bytes.slice().buffer).getFloat32(0, true));
    const [int] = find(3).map(({ value }) => value);
    out[name] = float ?? int ?? find(8).flatMap(packed);
  }
  return out;
}

const last = ({ dims }) => dims[dims.length - 1] ?? 1;

/** Elementwise, with dimensions of 1 and absent ones repeated. */
const each =
  (combine) =>
  ([a, b]) => {
    const rank = Math.max(a.dims.length, b.dims.length);
    const padded = ({ dims }) => [...Array(rank - dims.length).fill(1), ...dims];
    const [left, right] = [padded(a), padded(b)];
    const dims = left.map((size, i) => Math.max(size, right[i]));
    const data = Array.from({ length: dims.reduce((x, y) => x * y, 1) }, (_, n) => {
      let [i, j, stride, rest] = [0, 0, [1, 1], n];
      for (let k = rank - 1; k >= 0; k--) {
        const at = rest % dims[k];
        rest = Math.floor(rest / dims[k]);
        if (left[k] > 1) i += at * stride[0];
        if (right[k] > 1) j += at * stride[1];
        stride = [stride[0] * left[k], stride[1] * right[k]];
      }
      return combine(a.data[i], b.data[j]);
    });
    return { dims, data };
  };

const rows = (x, change) => {
  const width = last(x);
  const data = [];
  for (let at = 0; at < x.data.length; at += width) data.push(...change(x.data.slice(at, at + width)));
  return { dims: x.dims, data };
};

const operators = {
  Add: each((a, b) => a + b),
  Sub: each((a, b) => a - b),
  Mul: each((a, b) => a * b),
  Relu: ([x]) => ({ dims: x.dims, data: x.data.map((value) => Math.max(0, value)) }),
  Cast: ([x]) => x,
  Unsqueeze: ([x, axes]) => ({ dims: x.dims.toSpliced(axes.data[0], 0, 1), data: x.data }),
  Gather: ([table, index]) => {
    const width = last(table);
    const data = index.data.flatMap((i) => table.data.slice(i * width, (i + 1) * width));
    return { dims: [...index.dims, width], data };
  },
  Transpose: ([x]) => {
    const [n, r, c] = x.dims;
    const data = Array.from(x.data, (_, at) => {
      const [batch, i, j] = [Math.floor(at / (r * c)), Math.floor((at % (r * c)) / r), at % r];
      return x.data[batch * r * c + j * c + i];
    });
    return { dims: [n, c, r], data };
  },
  MatMul: ([a, b]) => {
    const [n, r, inner] = a.dims;
    const c = last(b);
    const data = [];
    for (let batch = 0; batch < n; batch++) {
      const begin = b.dims.length === 3 ? batch * inner * c : 0;
      for (let i = 0; i < r; i++) {
        for (let j = 0; j < c; j++) {
          let sum = 0;
          for (let k = 0; k < inner; k++)
            sum += a.data[(batch * r + i) * inner + k] * b.data[begin + k * c + j];
          data.push(sum);
        }
      }
    }
    return { dims: [n, r, c], data };
  },
  Softmax: ([x]) =>
    rows(x, (values) => {
      const most = Math.max(...values);
      const powers = values.map((value) => Math.exp(value - most));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    }),
  LayerNormalization: ([x, scale, bias], { epsilon }) =>
    rows(x, (values) => {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      return values.map(
        (v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * scale.data[i] + bias.data[i],
      );
    }),
};

// Messages of Protocol Buffers, the graph of a model, and what is left of it when it is cut.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutModel } from '../../../src/activations/onnx/cut.js';
import { feedsOf } from '../../../src/activations/onnx/feeds.js';
import { parseModel } from '../../../src/activations/onnx/graph.js';
import {
  concatenated,
  encodeField,
  encodeText,
  fieldsOf,
  textOf,
} from '../../../src/activations/onnx/protobuf.js';
import { sitesOf } from '../../../src/activations/onnx/sites.js';
import { fixtures } from './installed.js';

const model = async (name = 'model.onnx') => parseModel(await readFile(join(fixtures, name)), name);

describe('messages', () => {
  it('come back as they were written', () => {
    const field = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const message = concatenated(fields.map(([number, bytes]) => encodeField(number, bytes)));
        const found = fieldsOf(message, 'f');
        expect(found.map(({ number, bytes }) => [number, Array.from(bytes)])).toEqual(
          fields.map(([number, bytes]) => [number, Array.from(bytes)]),
        );
        expect(concatenated(found.map(({ whole }) => whole))).toEqual(message);
      }),
    );
  });

  it('have numbers of either sign, and of fixed width, by hand', () => {
    // Field 1: 300; field 2: −1; field 3: four bytes; field 4: eight; field 16: "é".
    const bytes = [
      ...[0x08, 0xac, 0x02],
      ...[0x10, ...Array(9).fill(0xff), 0x01],
      ...[0x1d, 1, 2, 3, 4],
      ...[0x21, 1, 2, 3, 4, 5, 6, 7, 8],
      ...[0x82, 0x01, 2, 0xc3, 0xa9],
    ];
    const fields = fieldsOf(Uint8Array.from(bytes), 'f');
    expect(fields.map(({ number, wire }) => [number, wire])).toEqual([
      [1, 0],
      [2, 0],
      [3, 5],
      [4, 1],
      [16, 2],
    ]);
    expect(fields.map(({ value }) => value).slice(0, 2)).toEqual([300, -1]);
    expect(fields[3].bytes).toHaveLength(8);
    expect(textOf(fields[4])).toBe('é');
  });

  it('that are cut off or are none are refused, whatever the bytes', () => {
    expect(() => fieldsOf(Uint8Array.of(0x0a, 5, 1), 'f')).toThrow(
      /f: it is not an ONNX model; found a field 1/,
    );
    expect(() => fieldsOf(Uint8Array.of(0x08, 0x80), 'f')).toThrow(/a number that does not end/);
    expect(() => fieldsOf(Uint8Array.of(0x0b), 'f')).toThrow(/wire type 3/);
    expect(() => fieldsOf(Uint8Array.of(0x00, 0x01), 'f')).toThrow(/a field 0/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          parseModel(bytes, 'f');
        } catch (error) {
          expect((error as Error).message).toContain('it is not an ONNX model');
        }
      }),
    );
  });
});

describe('a model that is cut', () => {
  const block = (n: number) => `/model/layers.${n}/Add_1_output_0`;

  it('has what the tensor needs, in its order, and nothing else', async () => {
    const whole = await model();
    const cut = cutModel(whole, [block(0)]);
    const left = parseModel(cut.bytes, 'cut');
    expect(left.outputs.map(({ name }) => name)).toEqual([block(0)]);
    expect(left.inputs.map(({ name }) => name)).toEqual(['input_ids', 'attention_mask', 'position_ids']);
    const names = left.nodes.map(({ name }) => name);
    expect(names).toEqual(
      whole.nodes.map(({ name }) => name).filter((name) => !/layers\.[12]|head|unused/.test(name)),
    );
    expect(left.weights.map(({ name }) => name)).not.toContain('head');
    expect(left.opsets).toEqual(['ai.onnx 17']);
    expect(cut.nodes).toBe(names.length);
    // Cut again for the same tensor, nothing goes.
    expect(cutModel(left, [block(0)]).bytes).toEqual(cut.bytes);
  });

  it('keeps files of weights, as far as they are needed', async () => {
    const external = await model('external.onnx');
    expect(cutModel(external, [block(1)]).external).toEqual(['weights.bin']);
    expect(cutModel(external, ['/model/Unsqueeze_output_0']).external).toEqual([]);
  });

  it('keeps what graphs within a node read', () => {
    // If(c) { Identity(outer) }, whose branch alone reads what `outer` makes.
    const node = (op: string, inputs: string[], output: string, ...more: Uint8Array[]) =>
      encodeField(
        1,
        ...inputs.map((name) => encodeText(1, name)),
        encodeText(2, output),
        encodeText(4, op),
        ...more,
      );
    const branch = encodeField(
      6,
      node('Identity', ['outer'], 'inner'),
      encodeField(12, encodeText(1, 'inner')),
    );
    const graph = encodeField(
      7,
      node('Relu', ['x'], 'outer'),
      node('Abs', ['x'], 'other'),
      node('If', ['c'], 'y', encodeField(5, encodeText(1, 'then_branch'), branch)),
      ...['x', 'c'].map((name) => encodeField(11, encodeText(1, name))),
    );
    const cut = cutModel(parseModel(graph, 'f'), ['y']);
    expect(parseModel(cut.bytes, 'f').nodes.map(({ op }) => op)).toEqual(['Relu', 'If']);
    expect(cut.inputs).toEqual(['x', 'c']);
  });

  it('has no tensor of another name, and names near ones', async () => {
    const whole = await model();
    expect(() => cutModel(whole, ['/model/layers.1/Add'])).toThrow(
      /--tensor \/model\/layers\.1\/Add: the model computes no tensor of that name; found .*layers\.1.*; expected one of those/,
    );
  });
});

describe('what a model is given', () => {
  const ids = Int32Array.of(4, 5, 6, 7, 8, 9);

  it('is as its inputs want it', async () => {
    const whole = await model();
    const names = whole.inputs.map(({ name }) => name);
    const feeds = feedsOf(whole, names, ids, 2);
    expect(feeds['input_ids']).toEqual({
      type: 'int64',
      dims: [2, 3],
      data: BigInt64Array.from(ids, BigInt),
    });
    expect(Array.from(feeds['position_ids'].data, Number)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(Array.from(feeds['attention_mask'].data, Number)).toEqual([1, 1, 1, 1, 1, 1]);
    // An empty cache: no tokens before.
    expect(feeds['past_key_values.0.key']).toMatchObject({ type: 'float32', dims: [2, 2, 0, 4] });
    expect(Object.keys(feedsOf(whole, ['input_ids'], ids, 2))).toEqual(['input_ids']);
  });

  it('is refused where nobody knows what to give', async () => {
    const whole = await model();
    const inputs = [{ ...whole.inputs[0], name: 'pixel_values' }];
    expect(() => feedsOf({ ...whole, inputs }, ['pixel_values'], ids, 2)).toThrow(
      /input pixel_values: the model reads something that is not known; found \[batch × sequence\]; expected input_ids/,
    );
  });
});

describe('sites', () => {
  it('are what blocks pass on', async () => {
    const whole = await model();
    const tensors = whole.nodes.flatMap(({ outputs, op }) => outputs.map((name) => ({ name, op, width: 8 })));
    const found = sitesOf(
      whole,
      tensors.filter(({ name }) => !/mlp|Cast|Mul|Sub|Unsqueeze/.test(name)),
    );
    expect(Object.fromEntries(found)).toEqual({
      'blocks.0.hook_resid_pre': '/model/Add_output_0',
      'blocks.0.hook_resid_post': '/model/layers.0/Add_1_output_0',
      'blocks.1.hook_resid_pre': '/model/layers.0/Add_1_output_0',
      'blocks.1.hook_resid_post': '/model/layers.1/Add_1_output_0',
      'blocks.2.hook_resid_pre': '/model/layers.1/Add_1_output_0',
      'blocks.2.hook_resid_post': '/model/layers.2/Add_1_output_0',
    });
  });

  it('are none where the names of nodes say nothing of blocks', async () => {
    const whole = await model();
    const nodes = whole.nodes.map((node, i) => ({ ...node, name: `node_${i}` }));
    expect(sitesOf({ ...whole, nodes }, [{ name: '/model/Add_output_0', op: 'Add', width: 8 }]).size).toBe(0);
  });
});

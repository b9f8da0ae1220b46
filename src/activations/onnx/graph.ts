// An ONNX model as a graph: its nodes, weights, inputs and outputs by name. What stands in them is left as bytes.
// Field numbers: onnx.proto of the ONNX project (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto).
import { ReseedError } from '../../errors.js';
import { type Field, fieldsOf, textOf } from './protobuf.js';

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of tensors; '' where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Tensors that the graphs within it take from outside; of tensors of their own, too. */
  readonly captured: readonly string[];
  readonly whole: Uint8Array;
}

export interface GraphInput {
  readonly name: string;
  /** As in TensorProto.DataType: 1 float32, 6 int32, 7 int64, 9 boolean, 10 float16. */
  readonly type: number;
  /** A number, or the name of a dimension that is open. */
  readonly dims: readonly (number | string)[];
  readonly whole: Uint8Array;
}

export interface Weight {
  readonly name: string;
  /** The file beside the model that holds its values; absent where the model does. */
  readonly external?: string;
  readonly whole: Uint8Array;
}

export interface OnnxModel {
  readonly file: string;
  /** Fields of the model that are not its graph. */
  readonly rest: readonly Uint8Array[];
  /** Versions of the operators, by domain: `ai.onnx 17`. */
  readonly opsets: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly weights: readonly Weight[];
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphInput[];
  /** What the file says of tensors within, by name. */
  readonly values: ReadonlyMap<string, Uint8Array>;
  readonly graphName: string;
}

/** @throws input.format where the bytes are no model, or hold no graph */
export function parseModel(bytes: Uint8Array, file: string): OnnxModel {
  const fields = fieldsOf(bytes, file);
  const graph = fields.find(({ number, wire }) => number === 7 && wire === 2);
  if (!graph) {
    throw new ReseedError('input.format', 'it is not an ONNX model', {
      file,
      found: 'no graph in it',
      expected: 'a model.onnx',
    });
  }
  const within = fieldsOf(graph.bytes, file);
  const all = (number: number) => within.filter((field) => field.number === number);
  return {
    file,
    rest: fields.filter((field) => field !== graph).map(({ whole }) => whole),
    opsets: fields.filter(({ number }) => number === 8).map((field) => opsetOf(field, file)),
    nodes: all(1).map((field) => nodeOf(field, file)),
    weights: [
      ...all(5).map((field) => weightOf(field, field.bytes, file)),
      // Sparse ones are named by their values.
      ...all(15).map((field) => weightOf(field, only(field, 1, file), file)),
    ],
    inputs: all(11).map((field) => inputOf(field, file)),
    outputs: all(12).map((field) => inputOf(field, file)),
    values: new Map(all(13).map((field) => [textIn(field, 1, file), field.bytes])),
    graphName: all(2).map(textOf)[0] ?? '',
  };
}

function nodeOf(field: Field, file: string): GraphNode {
  const within = fieldsOf(field.bytes, file);
  const texts = (number: number) => within.filter((one) => one.number === number).map(textOf);
  const attributes = within.filter(({ number }) => number === 5);
  return {
    name: texts(3)[0] ?? '',
    op: texts(4)[0] ?? '',
    inputs: texts(1),
    outputs: texts(2),
    captured: attributes.flatMap(({ bytes }) => capturedIn(bytes, file)),
    whole: field.whole,
  };
}

/** What the nodes and outputs of the graphs of an attribute read. */
function capturedIn(attribute: Uint8Array, file: string): string[] {
  // A graph is one of few kinds of attributes; of others the bytes could be anything.
  const graphs = fieldsOf(attribute, file).filter(({ number }) => number === 6 || number === 11);
  return graphs.flatMap(({ bytes }) =>
    fieldsOf(bytes, file).flatMap((field) => {
      if (field.number === 12) return [textIn(field, 1, file)];
      if (field.number !== 1) return [];
      const node = nodeOf(field, file);
      return [...node.inputs, ...node.captured];
    }),
  );
}

function weightOf({ whole }: Field, tensor: Uint8Array, file: string): Weight {
  const fields = fieldsOf(tensor, file);
  const name = fields.filter(({ number }) => number === 8).map(textOf)[0] ?? '';
  const external = fields.some(({ number, value }) => number === 14 && value === 1);
  if (!external) return { name, whole };
  const entries = fields.filter(({ number }) => number === 13);
  const location = entries.find((entry) => textIn(entry, 1, file) === 'location');
  return { name, external: location ? textIn(location, 2, file) : '', whole };
}

function inputOf(field: Field, file: string): GraphInput {
  const tensor = nested(nested(field.bytes, 2, file), 1, file);
  const shape = nested(tensor, 2, file);
  const dims = fieldsOf(shape, file).filter(({ number }) => number === 1);
  return {
    name: textIn(field, 1, file),
    type: fieldsOf(tensor, file).find(({ number }) => number === 1)?.value ?? 0,
    dims: dims.map((dim) => {
      const value = fieldsOf(dim.bytes, file).find(({ number }) => number === 1);
      return value ? value.value : textIn(dim, 2, file);
    }),
    whole: field.whole,
  };
}

function opsetOf(field: Field, file: string): string {
  const version = fieldsOf(field.bytes, file).find(({ number }) => number === 2)?.value ?? 0;
  return `${textIn(field, 1, file) || 'ai.onnx'} ${version}`;
}

function textIn(field: Field, number: number, file: string): string {
  return (
    fieldsOf(field.bytes, file)
      .filter((one) => one.number === number)
      .map(textOf)[0] ?? ''
  );
}

/** The message within, or an empty one. */
function nested(message: Uint8Array, number: number, file: string): Uint8Array {
  return (
    fieldsOf(message, file).find((field) => field.number === number && field.wire === 2)?.bytes ??
    new Uint8Array()
  );
}

function only(field: Field, number: number, file: string): Uint8Array {
  return nested(field.bytes, number, file);
}

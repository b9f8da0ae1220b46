// The mutants of a source: every place where one of the operators below says something else, as text for text.
//
// Operators: arithmetic, comparison and its boundary, logic, conditions held true and false, numbers (next to it; a named one
// ten times as large and as small), booleans, ids of one word, elements of arrays, statements left out, assignments, and calls
// that choose, order or limit. Sentences for people are left as they are, but not the conditions on which they are said.
import { parseSync } from 'vite';

const binary = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
};
const logical = { '&&': '||', '||': '&&', '??': '&&' };
const assignment = { '+=': '-=', '-=': '+=', '*=': '/=', '/=': '*=', '|=': '&=', '&=': '|=', '^=': '|=' };

/** Calls that are replaced by what they are called on. */
const dropped = new Set([
  'filter',
  'sort',
  'toSorted',
  'slice',
  'subarray',
  'reverse',
  'toReversed',
  'trim',
  'fill',
]);
const otherMethod = { some: 'every', every: 'some', startsWith: 'endsWith', indexOf: 'lastIndexOf' };
/** Functions of Math by another one, or by their argument. */
const otherMath = { min: 'max', max: 'min', floor: 'ceil', ceil: 'floor', sin: 'cos', cos: 'sin' };
const argumentOfMath = new Set(['abs', 'sqrt', 'round', 'log', 'log2', 'exp', 'trunc']);

const id = /^[a-z][a-z0-9]*([.-][a-z0-9-]+)*$/i;

/** What is a type, and no code. */
const isType = (node) =>
  /^TS(?!AsExpression|SatisfiesExpression|NonNullExpression|ParameterProperty)/.test(node.type);
const notCode = new Set(['ImportDeclaration', 'ExportAllDeclaration']);

export const isNode = (value) => typeof value?.type === 'string' && typeof value.start === 'number';

/** The nodes of code right below a node, in the order of the text. */
export function childrenOf(node) {
  return Object.entries(node)
    .filter(([key]) => !(key === 'key' && !node.computed) && !(key === 'property' && !node.computed))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter((child) => isNode(child) && !isType(child) && !notCode.has(child.type))
    .filter((child, i, all) => all.findIndex((other) => other.start === child.start) === i)
    .sort((a, b) => a.start - b.start);
}

export function parse(file, source) {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  return program;
}

/**
 * The mutants of one node, as { operator, start, end, text }: what is put in the place of source from start to end; `from` and
 * `to` tell it where that is shorter.
 */
export function mutantsOf(node, parent, source) {
  const text = ({ start, end }) => source.slice(start, end);
  const whole = (operator, replacement) => ({
    operator,
    start: node.start,
    end: node.end,
    text: replacement,
  });
  const between = (left, operator, right) => `${text(left)} ${operator} ${text(right)}`;
  switch (node.type) {
    case 'BinaryExpression':
      if (node.operator === '+' && [node.left, node.right].some(isText)) return [];
      return (binary[node.operator] ?? []).map((other) =>
        whole('operator', between(node.left, other, node.right)),
      );
    case 'LogicalExpression': {
      const wrap = (side) => (side.type === 'LogicalExpression' ? `(${text(side)})` : text(side));
      return [whole('logic', `${wrap(node.left)} ${logical[node.operator]} ${wrap(node.right)}`)];
    }
    case 'ConditionalExpression':
      return (parent.type === 'SpreadElement' ? heldOfSpread(node) : ['true', 'false']).map((held) =>
        whole('condition', `${held} ? ${text(node.consequent)} : ${text(node.alternate)}`),
      );
    case 'UnaryExpression':
      return ['!', '-', '~'].includes(node.operator) ? [whole('sign', text(node.argument))] : [];
    case 'UpdateExpression': {
      const other = node.operator === '++' ? '--' : '++';
      return [whole('update', node.prefix ? other + text(node.argument) : text(node.argument) + other)];
    }
    case 'AssignmentExpression': {
      const other = assignment[node.operator];
      return other ? [whole('assignment', between(node.left, other, node.right))] : [];
    }
    case 'Literal':
      return literals(node, parent).map((replacement) => whole('literal', replacement));
    case 'ArrayExpression':
      return node.elements.flatMap((left, i) => {
        if (!left || isForPeople(left)) return [];
        const others = node.elements.filter((_, j) => j !== i).map(text);
        return [{ ...whole('element', `[${others.join(', ')}]`), from: `[… ${text(left)} …]`, to: '[… …]' }];
      });
    case 'CallExpression':
      return calls(node, text).map((replacement) => whole('call', replacement));
    case 'ExpressionStatement':
    case 'ContinueStatement':
    case 'BreakStatement':
    case 'ThrowStatement':
      return [whole('statement', '')];
    default:
      return [];
  }
}

/** Conditions of statements, which are not expressions that stand for a value: held true and false. */
export function heldConditions(node) {
  const { test } = node;
  if (!test) return [];
  const at = (replacement) => ({
    operator: 'condition',
    start: test.start,
    end: test.end,
    text: replacement,
  });
  if (node.type === 'IfStatement') return [at('true'), at('false')];
  return ['WhileStatement', 'ForStatement', 'DoWhileStatement'].includes(node.type) ? [at('false')] : [];
}

/** A key that is there without a value is no other result than no key, so keys of a spread are only left out. */
function heldOfSpread({ consequent, alternate }) {
  const none = ({ type, properties }) => type === 'ObjectExpression' && properties.length === 0;
  return [...(none(alternate) ? [] : ['true']), ...(none(consequent) ? [] : ['false'])];
}

/** A sentence in a list of sentences. */
function isForPeople(node) {
  if (node.type === 'BinaryExpression') return node.operator === '+' && [node.left, node.right].some(isText);
  return isText(node) && !id.test(node.value ?? '');
}

function isText(node) {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

function literals(node, parent) {
  const { value } = node;
  if (typeof value === 'boolean') return [String(!value)];
  if (typeof value === 'string') {
    // As an element of an array it is left out, which comes to the same.
    return id.test(value) && !/Import|Export|ArrayExpression/.test(parent.type) ? ["''"] : [];
  }
  if (typeof value !== 'number') return [];
  if (parent.type === 'VariableDeclarator' && !Number.isInteger(value))
    return [`${value * 10}`, `${value / 10}`];
  if (!Number.isInteger(value)) return [`${value * 2}`];
  const named = ['VariableDeclarator', 'UnaryExpression'].includes(parent.type) && value !== 0;
  return [`${value + 1}`, ...(named ? [`${value * 10}`] : value > 0 ? [`${value - 1}`] : [])];
}

function calls(node, text) {
  const { callee, arguments: given } = node;
  if (callee.type !== 'MemberExpression' || callee.computed) return [];
  const [on, name, args] = [text(callee.object), callee.property.name, given.map(text).join(', ')];
  const dot = callee.optional ? '?.' : '.';
  if (on === 'Math') {
    if (otherMath[name]) return [`Math.${otherMath[name]}(${args})`];
    return argumentOfMath.has(name) ? [`(${args})`] : [];
  }
  if (dropped.has(name)) return [on];
  return otherMethod[name] ? [`${on}${dot}${otherMethod[name]}(${args})`] : [];
}

// One source with all its mutants in it: each is taken where the global function __mutant says so, and is else the source.
//
// So a file is compiled and loaded once for all of its mutants. Each turn of a loop and each call of a
// function calls __turn, which ends those that a mutant has made endless.
import { childrenOf, heldConditions, mutantsOf, parse } from './operators.mjs';

/**
 * { code, mutants }: mutants as { id, key, file, line, operator, from, to, in, atLoading }, with ids from `first` on; `atLoading` where
 * the module does it when it is loaded, or keeps something, `in` the line of source.
 */
export function instrument(file, source, first) {
  const mutants = [];
  const lines = source.split('\n');
  const seen = new Set();

  const program = parse(file, source);
  const remembers = program.body.some(keepsSomething);
  let functions = 0;

  function add({ operator, start, end, text, from: shortFrom, to: shortTo }) {
    const from = source.slice(start, end);
    const key = `${start} ${end} ${text}`;
    if (seen.has(key) || text === from) return [];
    seen.add(key);
    const id = first + mutants.length;
    const line = source.slice(0, start).split('\n').length - 1;
    const one = {
      id,
      file,
      line: line + 1,
      operator,
      from: flat(shortFrom ?? from),
      to: flat(shortTo ?? text),
      in: lines[line].trim(),
      atLoading: functions === 0 || remembers,
    };
    // Names it in the logs as long as its line stays, wherever that is.
    const name = `${file} | ${one.in} | ${one.from} → ${one.to}`;
    const same = mutants.filter(({ key }) => key === name || key.startsWith(`${name} #`)).length;
    mutants.push({ ...one, key: same > 0 ? `${name} #${same + 1}` : name });
    return [{ id, text }];
  }

  /** Source from start to end, with these nodes rendered. */
  function between(start, end, nodes) {
    let [out, at] = ['', start];
    for (const [node, parent, hoisted] of nodes) {
      out += source.slice(at, node.start) + render(node, parent, hoisted);
      at = node.end;
    }
    return out + source.slice(at, end);
  }

  function render(node, parent, chain) {
    const isFunction = /Function/.test(node.type);
    if (isFunction) functions++;
    const text = renderNode(node, parent, chain);
    if (isFunction) functions--;
    return text;
  }

  function renderNode(node, parent, chain) {
    if (node.type === 'ChainExpression') return renderChain(node);
    const held = heldConditions(node);
    const children = childrenOf(node).map((child) => {
      const onSpine = chain && (child === node.object || child === node.callee);
      const within = node.type === 'ParenthesizedExpression' ? parent : node;
      return [child, within, onSpine ? chain : undefined];
    });
    let inner;
    if (held.length > 0 || (node.body?.type !== undefined && isLoop(node))) {
      inner = renderParts(node, children, held);
    } else inner = between(node.start, node.end, children);
    if (node.type === 'BlockStatement' && /Function/.test(parent.type)) inner = `{__turn();${inner.slice(1)}`;
    const own = mutantsOf(node, parent, source);
    if (own.length === 0) return inner;
    if (chain) {
      for (const one of own) chain.push({ ...one });
      return inner;
    }
    const added = own.flatMap(add);
    if (added.length === 0) return inner;
    if (isStatement(node)) return `{if(!__mutant(${added[0].id})){${inner}}}`;
    return choice(added, inner);
  }

  /** What is optional cuts off all that follows in its chain, so mutants of a link are taken for the chain as a whole. */
  function renderChain(node) {
    const hoisted = [];
    const inner = render(node.expression, node, hoisted);
    const added = hoisted.flatMap(({ operator, start, end, text, from, to }) =>
      add({
        operator,
        start: node.start,
        end: node.end,
        text: source.slice(node.start, start) + text + source.slice(end, node.end),
        from,
        to,
      }),
    );
    return added.length > 0 ? choice(added, inner) : inner;
  }

  /** A statement with a condition, and a loop with a body that counts its turns. */
  function renderParts(node, children, held) {
    let [out, at] = ['', node.start];
    for (const [child, parent, chain] of children) {
      out += source.slice(at, child.start);
      let text = render(child, parent, chain);
      if (child === node.test && held.length > 0) {
        const added = held.flatMap(add);
        if (added.length > 0) text = choice(added, text);
      }
      out += child === node.body && isLoop(node) ? `{__turn();${text}}` : text;
      at = child.end;
    }
    return out + source.slice(at, node.end);
  }

  const code = between(
    0,
    source.length,
    program.body.filter((n) => n.type !== 'ImportDeclaration').map((n) => [n, program]),
  );
  return { code, mutants };
}

/** A module that keeps something between calls: what it kept of one mutant must not answer for the next. */
function keepsSomething({ type, declaration, ...statement }) {
  const { kind, declarations = [] } = type === 'ExportNamedDeclaration' ? (declaration ?? {}) : statement;
  const empty = ({ init }) => init?.type === 'NewExpression' && init.arguments.length === 0;
  return kind === 'let' || declarations.some(empty);
}

const choice = (added, inner) =>
  `(${added.map(({ id, text }) => `__mutant(${id})?(${text}):`).join('')}${inner})`;
const isStatement = ({ type }) => type.endsWith('Statement');
const isLoop = ({ type }) => /^(For|ForOf|ForIn|While|DoWhile)Statement$/.test(type);
const flat = (text) => text.replace(/\s+/g, ' ').trim();

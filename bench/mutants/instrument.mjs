// The mutants of a source, and what is compiled in its place: the source that tells which of them are reached, or one mutant.
//
// Each turn of a loop and each call of a function calls __turn, which ends those that a mutant has made endless.
import { childrenOf, heldConditions, mutantsOf, parse } from './operators.mjs';

/**
 * { mutants, sites, turns }: mutants as { key, file, line, from, to, in, start, end, text, site }, `in` the line of source, `site` the
 * place in `sites` of the part of the source that is changed; `turns` where turns are counted.
 */
export function instrument(file, source) {
  const mutants = [];
  const sites = [];
  const turns = [];
  const lines = source.split('\n');
  const seen = new Set();
  const nameOf = namer();

  function add({ start, end, text, from: shortFrom, to: shortTo }, isStatement) {
    const from = source.slice(start, end);
    const key = `${start} ${end} ${text}`;
    if (seen.has(key) || text === from) return;
    seen.add(key);
    const line = source.slice(0, start).split('\n').length - 1;
    const [before, after] = [flat(shortFrom ?? from), flat(shortTo ?? text)];
    mutants.push({
      key: nameOf(`${file} | ${lines[line].trim()} | ${before} → ${after}`),
      file,
      line: line + 1,
      from: before,
      to: after,
      start,
      end,
      text: isStatement ? '{}' : `(${text})`,
      site: siteOf(start, end, isStatement),
    });
  }

  function siteOf(start, end, isStatement) {
    const at = sites.findIndex((site) => site.start === start && site.end === end);
    return at >= 0 ? at : sites.push({ start, end, isStatement }) - 1;
  }

  /** What is optional cuts off all that follows in its chain, so mutants of a link are taken for the `chain` as a whole. */
  function walk(node, parent, chain) {
    for (const child of childrenOf(node)) {
      const isLink = chain && (child === node.object || child === node.callee || child === node.expression);
      const within = node.type === 'ParenthesizedExpression' ? parent : node;
      walk(child, within, isLink ? chain : child.type === 'ChainExpression' ? child : undefined);
    }
    for (const one of mutantsOf(node, parent, source)) {
      const all = chain ?? node;
      const text = source.slice(all.start, one.start) + one.text + source.slice(one.end, all.end);
      const told = { from: one.from ?? source.slice(one.start, one.end), to: one.to ?? one.text };
      add({ start: all.start, end: all.end, text, ...told }, /Statement$/.test(node.type));
    }
    for (const one of heldConditions(node)) add(one, false);
    if (isLoop(node)) turns.push({ start: node.body.start, end: node.body.end });
    if (node.type === 'BlockStatement' && /Function/.test(parent.type))
      turns.push({ start: node.start + 1, end: node.start + 1 });
  }

  const program = parse(file, source);
  for (const statement of program.body) {
    if (statement.type !== 'ImportDeclaration') walk(statement, program);
  }
  return { mutants, sites, turns };
}

/** Names mutants in the logs as long as their line stays, wherever that is; the same change of a like line has a number. */
function namer() {
  const times = new Map();
  return (change) => {
    const nth = (times.get(change) ?? 0) + 1;
    times.set(change, nth);
    return nth > 1 ? `${change} #${nth}` : change;
  };
}

/** The source, which calls __reach with `first` + the number of a site whenever it comes there. */
export function withReach(source, { sites, turns }, first) {
  const reaching = sites.map(({ start, end, isStatement }, i) => {
    const call = `__reach(${first + i})`;
    return isStatement
      ? { start, end, open: `{${call};`, close: '}' }
      : { start, end, open: `(${call},`, close: ')' };
  });
  return insert(source, [...turnsIn(turns), ...reaching]);
}

/** The source with one mutant in it. */
export function withMutant(source, { turns }, { start, end, text }) {
  const inside = (turn) => turn.start >= start && turn.end <= end;
  const same = (turn) => turn.start === start && turn.end === end;
  const kept = turns.filter((turn) => !inside(turn) || same(turn));
  return insert(source, turnsIn(kept), { start, end, text });
}

function turnsIn(turns) {
  return turns.map(({ start, end }) => ({
    start,
    end,
    open: start === end ? '__turn();' : '{__turn();',
    close: start === end ? '' : '}',
  }));
}

/** Puts texts around parts of the source, which lie within each other or apart; and another text in the place of one part. */
function insert(source, around, replaced) {
  // Of those that begin at the same place the longer one is outside; a turn of a function comes before all of its body.
  const events = around.flatMap(({ start, end, open, close }) =>
    start === end
      ? [{ at: start, text: open, rank: 1, by: 0 }]
      : [
          { at: start, text: open, rank: 2, by: -end },
          { at: end, text: close, rank: 0, by: -start },
        ],
  );
  events.sort((a, b) => a.at - b.at || a.rank - b.rank || a.by - b.by);
  let [out, at] = ['', 0];
  const copy = (to) => {
    if (replaced && at <= replaced.start && to >= replaced.end) {
      out += source.slice(at, replaced.start) + replaced.text + source.slice(replaced.end, to);
    } else out += source.slice(at, to);
    at = to;
  };
  for (const event of events) {
    copy(event.at);
    out += event.text;
  }
  copy(source.length);
  return out;
}

const isLoop = ({ type }) => /^(For|ForOf|ForIn|While|DoWhile)Statement$/.test(type);
const flat = (text) => text.replace(/\s+/g, ' ').trim();

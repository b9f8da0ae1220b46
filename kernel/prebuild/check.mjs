// Whether an addon is whole, and asks for nothing but Node-API and what every system of its target has.
import { readElf } from './elf.mjs';
import { readMachO } from './mach-o.mjs';
import { nodeApiSymbols, nodeLooksFor } from './node-api.mjs';
import { readPe } from './pe.mjs';

/**
 * What an addon asks for: libraries; symbols and where each comes from (undefined: whoever loads the addon); versions of
 * the system, as [name, number]; what it offers; and what is wrong with the file itself.
 */
function read(bytes) {
  return readElf(bytes) ?? readMachO(bytes) ?? readPe(bytes);
}

const newer = (a, b) => a.localeCompare(b, 'en', { numeric: true }) > 0;

/** What is wrong with an addon for a target, each in a few words. */
export function problemsOf(bytes, target) {
  const addon = read(bytes);
  if (addon?.format !== target.format || addon.arch !== target.arch)
    return [`${addon?.format} for ${addon?.arch}, not ${target.format} for ${target.arch}`];
  const isSystem = (name) => target.libraries.some((pattern) => pattern.test(name));
  const isNode = (name) => /^node\.exe$/i.test(name);
  const loose = addon.imports
    .filter(({ from }) => from === undefined || isNode(from))
    .map(({ symbol }) => symbol);
  return [
    ...addon.faults,
    ...addon.libraries
      .filter((name) => !isSystem(name) && !isNode(name))
      .map((name) => `needs the library ${name}`),
    ...loose
      .filter((symbol) => !nodeApiSymbols.has(symbol) && !target.unversioned?.test(symbol))
      .map((symbol) => `needs ${symbol}, which is not of Node-API`),
    ...(loose.some((symbol) => nodeApiSymbols.has(symbol)) ? [] : ['calls nothing of Node-API']),
    ...addon.asked
      .filter(([name, number]) => !target.newest[name] || newer(number, target.newest[name]))
      .map(([name, number]) => `needs ${name} ${number}`),
    ...nodeLooksFor.filter((symbol) => !addon.exports.includes(symbol)).map((symbol) => `lacks ${symbol}`),
    ...addon.exports
      .filter((symbol) => !nodeLooksFor.includes(symbol) && !target.alsoExports?.test(symbol))
      .map((symbol) => `exports ${symbol}`),
  ];
}

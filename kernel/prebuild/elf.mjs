// What a 64-bit ELF library asks of its system (System V gABI; symbol versions: LSB 5.0, section 10.7).
import { textAt } from './text.mjs';

const cpus = { 62: 'x64', 183: 'arm64' };
const tags = { needed: 1, flags: 0x6ffffffb };
const flagNoDelete = 8;
const kinds = { dynamic: 6, symbols: 11, needs: 0x6ffffffe, versions: 0x6fffffff };

/** @returns what check.mjs takes, or undefined where the bytes are something else */
export function readElf(bytes) {
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF' || bytes[4] !== 2 || bytes[5] !== 1) return;
  const word = (at) => Number(bytes.readBigUInt64LE(at));
  const headers = word(0x28);
  const sections = Array.from({ length: bytes.readUInt16LE(0x3c) }, (_, i) => {
    const at = headers + i * bytes.readUInt16LE(0x3a);
    return {
      kind: bytes.readUInt32LE(at + 4),
      start: word(at + 0x18),
      size: word(at + 0x20),
      link: bytes.readUInt32LE(at + 0x28),
      count: bytes.readUInt32LE(at + 0x2c),
    };
  });
  const section = (kind) => sections.find((one) => one.kind === kind);
  const nameIn = (one, offset) => textAt(bytes, sections[one.link].start + offset);

  const dynamic = section(kinds.dynamic);
  const libraries = [];
  let stays = false;
  for (let at = dynamic.start; at < dynamic.start + dynamic.size; at += 16) {
    if (word(at) === tags.needed) libraries.push(nameIn(dynamic, word(at + 8)));
    if (word(at) === tags.flags && word(at + 8) & flagNoDelete) stays = true;
  }

  const versionNames = new Map();
  const needs = section(kinds.needs);
  for (let i = 0, at = needs?.start; i < (needs?.count ?? 0); i++) {
    for (let j = 0, part = at + bytes.readUInt32LE(at + 8); j < bytes.readUInt16LE(at + 2); j++) {
      versionNames.set(bytes.readUInt16LE(part + 6), nameIn(needs, bytes.readUInt32LE(part + 8)));
      part += bytes.readUInt32LE(part + 12);
    }
    at += bytes.readUInt32LE(at + 12);
  }

  const table = section(kinds.symbols);
  const versions = section(kinds.versions);
  const [imports, exports] = [[], []];
  for (let i = 1; i < table.size / 24; i++) {
    const at = table.start + 24 * i;
    const symbol = nameIn(table, bytes.readUInt32LE(at));
    const defined = bytes.readUInt16LE(at + 6) !== 0;
    const version = versions && versionNames.get(bytes.readUInt16LE(versions.start + 2 * i) & 0x7fff);
    if (defined) exports.push(symbol);
    else imports.push({ symbol, from: version });
  }
  const asked = [...versionNames.values()].map((name) => name.split('_'));
  const faults = stays ? [] : ['can be unloaded before the process ends'];
  return { format: 'elf', arch: cpus[bytes.readUInt16LE(18)], libraries, imports, exports, asked, faults };
}

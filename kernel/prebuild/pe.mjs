// What a 64-bit Windows library asks of its system (Microsoft's "PE Format").
import { textAt } from './text.mjs';

const cpus = { 34404: 'x64', 43620: 'arm64' };
const libraryFlag = 0x2000;

/** @returns what check.mjs takes, or undefined where the bytes are something else */
export function readPe(bytes) {
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.toString('latin1', 0, 2) !== 'MZ' || bytes.toString('latin1', header, header + 4) !== 'PE\0\0')
    return;
  const word = (at) => bytes.readUInt32LE(at);
  const optional = header + 24;
  const sections = optional + bytes.readUInt16LE(header + 20);
  /** Place in the file of an address in memory. */
  const place = (address) => {
    for (let i = 0, at = sections; i < bytes.readUInt16LE(header + 6); i++, at += 40) {
      const [size, start, from] = [word(at + 16), word(at + 12), word(at + 20)];
      if (address >= start && address < start + size) return address - start + from;
    }
    throw new Error(`no section has the address ${address}`);
  };
  const directory = (i) => word(optional + 112 + 8 * i);
  const faults = [];
  if ((bytes.readUInt16LE(header + 22) & libraryFlag) === 0) faults.push('not a library');

  const [libraries, imports] = [[], []];
  for (let at = place(directory(1)); word(at + 12) !== 0; at += 20) {
    const from = textAt(bytes, place(word(at + 12)));
    libraries.push(from);
    for (let thunk = place(word(at)); bytes.readBigUInt64LE(thunk) !== 0n; thunk += 8)
      imports.push({ symbol: textAt(bytes, place(word(thunk)) + 2), from });
  }
  const table = place(directory(0));
  const exports = Array.from({ length: word(table + 24) }, (_, i) =>
    textAt(bytes, place(word(place(word(table + 32)) + 4 * i))),
  );
  const arch = cpus[bytes.readUInt16LE(header + 4)];
  return { format: 'pe', arch, libraries, imports, exports, asked: [], faults };
}

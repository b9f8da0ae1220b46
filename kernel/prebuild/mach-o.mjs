// What a 64-bit Mach-O library asks of its system (mach-o/loader.h and mach-o/nlist.h of macOS).
import { textAt } from './text.mjs';

const cpus = { 16777223: 'x64', 16777228: 'arm64' };
const commands = { symbols: 2, library: 0xc, signature: 0x1d, segment: 0x19, system: 0x32 };

/** @returns what check.mjs takes, or undefined where the bytes are something else */
export function readMachO(bytes) {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) return;
  const found = { libraries: [], imports: [], exports: [], asked: [], faults: [] };
  const kind = bytes.readUInt32LE(12);
  if (kind !== 6 && kind !== 8) found.faults.push('not a library');
  let table;
  let signed = false;
  for (let i = 0, at = 32; i < bytes.readUInt32LE(16); i++, at += bytes.readUInt32LE(at + 4)) {
    const command = bytes.readUInt32LE(at) & 0x7fffffff;
    if (command === commands.library) {
      found.libraries.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)));
    } else if (command === commands.symbols) {
      table = {
        start: bytes.readUInt32LE(at + 8),
        count: bytes.readUInt32LE(at + 12),
        names: bytes.readUInt32LE(at + 16),
      };
    } else if (command === commands.signature) {
      signed = true;
    } else if (command === commands.segment) {
      const end = bytes.readBigUInt64LE(at + 40) + bytes.readBigUInt64LE(at + 48);
      if (end > bytes.length) found.faults.push('cut short');
    } else if (command === commands.system) {
      const oldest = bytes.readUInt32LE(at + 12);
      found.asked.push(['macos', `${oldest >>> 16}.${(oldest >>> 8) & 0xff}`]);
    }
  }
  for (let i = 0; i < table.count; i++) {
    const at = table.start + 16 * i;
    const [type, about] = [bytes[at + 4], bytes.readUInt16LE(at + 6)];
    const external = (type & 0xe1) === 1;
    // Names have C's leading underscore.
    const symbol = textAt(bytes, table.names + bytes.readUInt32LE(at)).replace(/^_/, '');
    if (external && (type & 0x0e) === 0)
      found.imports.push({ symbol, from: found.libraries[(about >>> 8) - 1] });
    else if (external && (type & 0x10) === 0) found.exports.push(symbol);
  }
  const arch = cpus[bytes.readUInt32LE(4)];
  // Macs with Apple's CPUs load only signed files; an ad-hoc signature is enough.
  if (arch === 'arm64' && !signed) found.faults.push('not signed');
  return { format: 'mach-o', arch, ...found };
}

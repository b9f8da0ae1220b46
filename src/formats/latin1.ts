// Bytes as text of Latin-1: one character a byte, with its number. (TextDecoder's `latin1` is windows-1252, which differs.)

/** So many at a time: a call takes no more arguments than a stack. */
const piece = 2 ** 12;

export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += piece) {
    text += String.fromCharCode(...bytes.subarray(at, at + piece));
  }
  return text;
}

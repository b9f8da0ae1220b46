// Text in the bytes of an executable file.
/** The text that begins there and ends before a byte of 0. */
export function textAt(bytes, start) {
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}

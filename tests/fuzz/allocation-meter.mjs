// Counts the bytes of every array that is made from here on, kept or not. Import it before what is to be watched.
const watched = [
  ...[
    'ArrayBuffer',
    'SharedArrayBuffer',
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
  ],
  ...['Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array'],
];

let bytes = 0;

for (const name of watched) {
  const original = globalThis[name];
  const counting = new Proxy(original, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget === counting ? target : newTarget);
      const isView = args[0] instanceof ArrayBuffer || args[0] instanceof SharedArrayBuffer;
      if (!isView) bytes += made.byteLength;
      return made;
    },
  });
  globalThis[name] = counting;
}

for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow', 'from', 'concat']) {
  const original = Buffer[name];
  Buffer[name] = (...args) => {
    const made = original.apply(Buffer, args);
    // Buffer.from of an array buffer is a view of it.
    if (made.buffer !== args[0]) bytes += made.byteLength;
    return made;
  };
}

/** Bytes of arrays since the start: those counted here, or those that Node itself knows of where they are more. */
export function allocated() {
  return { counted: bytes, held: process.memoryUsage().arrayBuffers };
}

// Loads jax-js on its WebAssembly device. It is loaded only to train: it takes a moment, and reading needs none of it.

export type Jax = typeof import('@jax-js/jax');

let loaded: Promise<Jax> | undefined;

/** The library, ready to compute. */
export function loadJax(): Promise<Jax> {
  loaded ??= start();
  return loaded;
}

async function start(): Promise<Jax> {
  // jax-js asks the browser's `navigator` what machine it is on; Node 20 has none.
  if (!('navigator' in globalThis)) {
    Object.defineProperty(globalThis, 'navigator', {
      value: { userAgent: 'node', hardwareConcurrency: 1 },
      configurable: true,
    });
  }
  const jax = await import('@jax-js/jax');
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return jax;
}

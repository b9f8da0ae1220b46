// Names of SAEs that fit into little room and still tell them apart.

/**
 * Each name in at most `width` characters (at least 8): as it is, or its end, or its beginning and end; numbers
 * where none of that tells all of them apart.
 */
export function shortNames(names: readonly string[], width: number): string[] {
  const half = Math.floor((width - 1) / 2);
  const cuts: ((name: string) => string)[] = [
    (name) => `…${name.slice(1 - width)}`,
    (name) => `${name.slice(0, width - 1 - half)}…${name.slice(-half)}`,
  ];
  for (const cut of cuts) {
    const short = names.map((name) => (name.length > width ? cut(name) : name));
    if (new Set(short).size === names.length) return short;
  }
  return names.map((_, i) => `SAE ${i + 1}`);
}

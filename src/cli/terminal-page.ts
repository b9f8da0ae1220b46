// What standard output shows: as wide as the terminal within reason, in colour where it has any.

/** @param color whether colours are wanted */
export function terminalPage(color: boolean): { readonly colour: boolean; readonly width: number } {
  const { isTTY, columns } = process.stdout;
  return {
    // hasColors knows NO_COLOR, FORCE_COLOR and TERM.
    colour: color && isTTY === true && process.stdout.hasColors(),
    width: isTTY ? Math.max(60, Math.min(100, columns || 80)) : 80,
  };
}

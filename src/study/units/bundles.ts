// Small pieces of work put together until starting a process for them is worth it.

export interface Piece<T> {
  readonly seconds: number;
  readonly work: T;
}

/**
 * The pieces in their order, in as many bundles as have at least so many seconds each. What is left at the end goes into the last
 * bundle, so that a list of small pieces gives one, however little it is.
 */
export function bundled<T>(pieces: readonly Piece<T>[], least: number): Piece<readonly T[]>[] {
  const bundles: { seconds: number; work: T[] }[] = [];
  let open: { seconds: number; work: T[] } | undefined;
  for (const { seconds, work } of pieces) {
    if (!open) {
      open = { seconds: 0, work: [] };
      bundles.push(open);
    }
    open.seconds += seconds;
    open.work.push(work);
    if (open.seconds >= least) open = undefined;
  }
  const last = bundles.length - 1;
  if (open && last > 0) {
    bundles[last - 1].seconds += open.seconds;
    bundles[last - 1].work.push(...open.work);
    bundles.pop();
  }
  return bundles;
}

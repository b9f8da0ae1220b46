// One task after another: for what can do one thing at a time, but is asked by many.

/** Runs the tasks that it is given in their order, each after the one before is done or has failed. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return mine;
  };
}

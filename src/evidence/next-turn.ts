// Gives way between slices of work on the event loop, so that signals and timers are heard.
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

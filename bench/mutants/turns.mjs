// Ends what takes too long: sources call __turn with each turn of a loop and each call of a function.
let [turns, nextLook, mostMs, since] = [0, 0, Number.POSITIVE_INFINITY, process.cpuUsage()];

export class OutOfTime extends Error {}

globalThis.__turn = () => {
  if (++turns >= nextLook) look();
};

/** From now on, what uses more CPU than this is ended with an error. */
export function watched(ms) {
  [turns, nextLook, mostMs, since] = [0, 0, ms, process.cpuUsage()];
}

function look() {
  const { user, system } = process.cpuUsage(since);
  if ((user + system) / 1000 > mostMs) throw new OutOfTime('a loop that does not end');
  nextLook = turns + 20_000;
}

// How long a call takes, and the processor time of all threads in it.

/** Milliseconds of one of `repeat` calls, one after the other, and the last result. */
export async function timed(work, repeat = 1) {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let result;
  for (let r = 0; r < repeat; r++) result = await work();
  const ms = (performance.now() - begin) / repeat;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 / repeat, result };
}

// How long units take on so many nodes: the longest first, each to the node that is free first, one wave after another.
//
// Reading and writing go through one store that all nodes share: a wave takes at least what its bytes take there. What the driver
// does alone, reading all of it back and writing the report, comes on top. Graham (1969): such a schedule takes at most 4/3 − 1/(3n)
// times the best.
import { type Unit, type UnitKind, wavesOf } from './unit.js';

export interface Cluster {
  /** Units at a time. */
  readonly nodes: number;
  /** Bytes a second that the shared store gives or takes, all nodes together; no limit where absent. */
  readonly storeBytes?: number;
  /** Seconds that starting a unit costs. */
  readonly start?: number;
  /** Seconds that the driver takes for what only it does. */
  readonly assembly?: number;
  /** Seconds of a unit; by default what is estimated for one processor, over its processors. */
  readonly secondsOf?: (unit: Unit) => number;
}

export interface WaveSchedule {
  readonly kind: UnitKind;
  readonly units: number;
  /** Of all units together, one after the other. */
  readonly work: number;
  /** From the start of the wave to its end. */
  readonly seconds: number;
  readonly longest: number;
  /** What the bytes of the wave take in the store. */
  readonly store: number;
  readonly memory: number;
  readonly reads: number;
  readonly writes: number;
}

export interface Schedule {
  readonly seconds: number;
  readonly waves: readonly WaveSchedule[];
}

export function scheduleOf(units: readonly Unit[], cluster: Cluster): Schedule {
  const waves = wavesOf(units).map((wave) => waveOf(wave, cluster));
  const seconds = waves.reduce((sum, wave) => sum + wave.seconds, cluster.assembly ?? 0);
  return { seconds, waves };
}

function waveOf(wave: readonly Unit[], cluster: Cluster): WaveSchedule {
  const { nodes, storeBytes = Number.POSITIVE_INFINITY, start = 0 } = cluster;
  const secondsOf = cluster.secondsOf ?? (({ seconds, cpus }: Unit) => seconds / cpus);
  const times = wave.map((unit) => start + secondsOf(unit)).sort((a, b) => b - a);
  const sum = (of: (unit: Unit) => number) => wave.reduce((all, unit) => all + of(unit), 0);
  const [reads, writes] = [sum((unit) => unit.reads), sum((unit) => unit.writes)];
  const store = (reads + writes) / storeBytes;
  return {
    kind: wave[0].work.kind,
    units: wave.length,
    work: times.reduce((all, time) => all + time, 0),
    seconds: Math.max(makespan(times, nodes), store),
    longest: times[0],
    store,
    memory: Math.max(...wave.map(({ memory }) => memory)),
    reads,
    writes,
  };
}

/** When the last of these ends. @param times descending; each goes to the node that is free first */
function makespan(times: readonly number[], nodes: number): number {
  const free = new Float64Array(Math.max(1, Math.min(nodes, times.length)));
  for (const time of times) {
    let first = 0;
    for (let node = 1; node < free.length; node++) if (free[node] < free[first]) first = node;
    free[first] += time;
  }
  return free.reduce((last, end) => Math.max(last, end), 0);
}

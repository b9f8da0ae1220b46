// What giving a study's work out would come to, as a value.

export interface PlannedWave {
  readonly kind: string;
  readonly units: number;
  /** Seconds of all, one after the other. */
  readonly work: number;
  readonly longest: number;
  /** Bytes of the unit that needs most. */
  readonly memory: number;
  /** Bytes of all units. */
  readonly reads: number;
  readonly writes: number;
}

export interface UnitsPlan {
  readonly executor: string;
  readonly cpus: number;
  /** Whether a wave begins when the one before it has ended; else each unit once what it needs is done. */
  readonly inWaves: boolean;
  readonly waves: readonly PlannedWave[];
  /** Seconds from the first unit to the last, by how many of them run at a time. */
  readonly times: readonly { readonly nodes: number; readonly seconds: number }[];
}

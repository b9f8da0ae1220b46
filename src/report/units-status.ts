// How far the units of a folder are, as a value.

/** Units of one kind. */
export interface WaveStatus {
  readonly kind: string;
  readonly units: number;
  readonly done: number;
  readonly running: number;
  readonly failed: number;
}

export interface UnitsStatus {
  readonly folder: string;
  readonly waves: readonly WaveStatus[];
  /** Of which somebody is at work now. */
  readonly running: readonly {
    readonly label: string;
    readonly host: string;
    readonly pid: number;
    readonly seconds: number;
    readonly share?: number;
  }[];
  /** Tries that failed, the last of each unit; `final` where it is not tried again. */
  readonly failures: readonly {
    readonly label: string;
    readonly host: string;
    readonly tries: number;
    readonly final: boolean;
    readonly message: string;
  }[];
}

// What every call of a kernel takes.

export interface WorkOptions {
  /** Ends the call with internal.cancelled, soon after it is raised. */
  readonly signal?: AbortSignal;
}

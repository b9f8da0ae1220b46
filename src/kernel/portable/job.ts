// What a thread of the portable kernel is asked to do: a function of a table by its name, and what it takes.

type Functions = Readonly<Record<string, (args: never) => unknown>>;

export type JobOf<Table extends Functions> = {
  [Op in keyof Table]: { readonly op: Op; readonly args: Parameters<Table[Op]>[0] };
}[keyof Table];

/** Calls the function that a job names. */
export function perform<Table extends Functions>(table: Table, { op, args }: JobOf<Table>): unknown {
  return table[op](args as never);
}

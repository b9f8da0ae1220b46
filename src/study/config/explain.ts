// What is wrong with a study file and at which path, from what its schema says of it.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = (string | number)[];

export interface Explained {
  readonly path: Path;
  readonly problem: string;
  readonly found?: string;
}

/** The issue that is worth telling: a misspelt key also leaves the right one missing, and the key is what is wrong. */
export function explain(issues: readonly Issue[], value: unknown): Explained {
  return explainIssue(gravest(issues), value);
}

function gravest(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
}

function explainIssue(issue: Issue, value: unknown): Explained {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, issue.keys[0]], problem: 'no such key' };
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const at = valueAt(value, path);
    const branches = issue.errors.filter((errors) => errors.length > 0);
    const meant = meantBranch(branches, at);
    const first = gravest(meant);
    if (first.path.length > 0 || first.code === 'unrecognized_keys' || Array.isArray(at)) {
      return explainIssue({ ...first, path: [...path, ...first.path] } as Issue, value);
    }
    const expected = branches
      .map(([b]) => b.message.replace(/^Invalid (input|option): expected /, ''))
      .join(', or ');
    return { path, problem: `expected ${expected}`, ...foundAt(value, path) };
  }
  return { path, problem: issue.message, ...foundAt(value, path) };
}

/** The branch of a union that was meant: of the right type, with the fewest keys astray, and then the furthest in. */
function meantBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] {
  const cost = (errors: readonly Issue[]): number =>
    errors.reduce((sum, issue) => {
      if (issue.path.length === 0 && issue.code === 'invalid_type') return sum + 100;
      if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
      return sum + (valueAt(value, issue.path as Path) === undefined ? 1 : 0);
    }, 0);
  const depth = (errors: readonly Issue[]): number => Math.max(...errors.map(({ path }) => path.length));
  return branches.reduce((best, one) => {
    const [a, b] = [cost(one), cost(best)];
    return a < b || (a === b && depth(one) > depth(best)) ? one : best;
  });
}

function foundAt(value: unknown, path: Path): { found?: string } {
  const at = valueAt(value, path);
  return at === undefined ? {} : { found: JSON.stringify(at) };
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value as Record<string | number, unknown> | undefined;
  for (const key of path) at = at?.[key] as typeof at;
  return at;
}

// Reads a study file, with line and column in every message.

import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { explain } from './config/explain.js';
import { type Study, studySchema } from './config/study.js';

export type { Claim, Measure } from './config/claims.js';
export type { StageName, Study } from './config/study.js';

/** Reads a study file. @throws input.file; input.config naming file, line:column, key, found and expected */
export async function loadStudy(file: string): Promise<Study> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  return parseStudy(text, file);
}

/** Parses the text of a study file; `file` is for messages. */
export function parseStudy(text: string, file: string): Study {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken) {
    const problem = broken.message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '');
    throw new ReseedError('input.config', problem, { file: at(broken.pos[0]) });
  }
  const value: unknown = document.toJS();
  const parsed = studySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, problem, found } = explain(parsed.error.issues, value);
  throw new ReseedError('input.config', problem, {
    file: at(offsetOf(document, path)),
    ...(path.length > 0 ? { field: path.join('.') } : {}),
    ...defined({ found }),
  });
}

/** Where the value at this path stands; where it is missing, its nearest parent. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

// The fenced blocks of the pages: what they tell the reader to type, and what they say comes out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every page of the repository, by its path from the root. */
export const allPages: readonly string[] = ['.', 'docs', 'docs/studies'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

export interface Block {
  /** The word behind the fence: sh, text, python; '' where there is none. */
  readonly language: string;
  readonly text: string;
}

export function blocksOf(page: string): Block[] {
  return [...textOf(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language,
    text,
  }));
}

/** What is run, and what the page shows of its output. */
export interface Example {
  readonly code: string;
  readonly shown?: string;
}

/** The blocks in `language`, each with the block of text that follows it. */
export function examplesOf(page: string, language: string): Example[] {
  const blocks = blocksOf(page);
  return blocks.flatMap(({ language: its, text: code }, i) => {
    if (its !== language) return [];
    const next = blocks[i + 1];
    return [next?.language === 'text' ? { code, shown: next.text } : { code }];
  });
}

/**
 * Matches output that is as shown: the same lines, where a line of `…` alone stands for any lines, and the end of a line
 * does not count.
 */
export function asShown(shown: string): RegExp {
  const lines = shown.trimEnd().split('\n');
  const patterns = lines.map((line) =>
    line.trim() === '…' ? '(?:.*\\n)*?' : `${escaped(line.trimEnd())}[ \\t]*\\n`,
  );
  return new RegExp(`^${patterns.join('')}\\n*$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

// Runs the Python snippets of the pages, and holds what they print against what the pages show.
import { spawnSync } from 'node:child_process';
import { allPages, asShown, type Example, examplesOf } from './page.js';
import { startSession } from './session.js';

/** Makes the files that the snippets read. */
const files = `
node examples/make-saes.mjs
node -e "${tokensOf(4000)}"
npm run -s reseed -- compare small-saes/seed1 small-saes/seed2 small-saes/seed3 --activations small-saes/x.npy --tokens small-saes/tokens.json --out comparison
`;

/** A program that writes a token for each row, so that there are examples. */
function tokensOf(rows: number): string {
  const columns = `document: Array(${rows}).fill(0), position: [...Array(${rows}).keys()], token: Array(${rows}).fill(' cat')`;
  return `fs.writeFileSync('small-saes/tokens.json', JSON.stringify({ ${columns} }))`;
}

/** The packages that a snippet imports. */
function importsOf({ code }: Example): string[] {
  return [...code.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name);
}

/**
 * Snippets whose packages `python` lacks are left out, and named.
 * @param python the interpreter
 * @returns how many snippets print something else than their page shows
 */
export function runSnippets(python: string): number {
  const snippets = allPages.flatMap((page) => examplesOf(page, 'python').map((one) => ({ page, ...one })));
  const has = (name: string) => spawnSync(python, ['-c', `import ${name}`]).status === 0;
  const wanted = new Set(snippets.flatMap(importsOf));
  const absent = [...wanted].filter((name) => !has(name));
  if (absent.length > 0)
    console.log(`${python} has no ${absent.join(', ')}: snippets that need it are left out`);
  const ready = snippets.filter((one) => importsOf(one).every((name) => !absent.includes(name)));
  if (ready.length === 0) return 0;
  const session = startSession();
  try {
    const made = session.run(files);
    if (made.status !== 0) throw new Error(made.stderr);
    const wrong = ready.filter(({ page, code, shown }) => {
      const { stdout, stderr, status } = spawnSync(python, ['-c', code], {
        cwd: session.folder,
        encoding: 'utf8',
      });
      if (status === 0 && (shown === undefined || asShown(shown).test(stdout))) return false;
      console.log(`${page}: this snippet\n${code}\nprints\n${stdout}${stderr}\nand not\n${shown ?? ''}`);
      return true;
    });
    console.log(`${ready.length - wrong.length} of ${ready.length} snippets print what their page shows`);
    return wrong.length;
  } finally {
    session.end();
  }
}

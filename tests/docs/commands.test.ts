// The commands of the pages run, and print what the pages show.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { compareCommand } from '../../src/cli/compare.js';
import { consensusCommand } from '../../src/cli/consensus.js';
import { convertCommand } from '../../src/cli/convert.js';
import { doctorCommand } from '../../src/cli/doctor.js';
import { exploreCommand } from '../../src/cli/explore.js';
import { harvestCommand } from '../../src/cli/harvest.js';
import { inspectCommand } from '../../src/cli/inspect.js';
import { nullCommand } from '../../src/cli/null.js';
import { runCommand } from '../../src/cli/run.js';
import { statusCommand } from '../../src/cli/status.js';
import { workCommand } from '../../src/cli/work.js';
import { allPages, asShown, blocksOf, examplesOf, textOf } from './page.js';
import { type Session, startSession } from './session.js';

/** Pages whose every command runs as it stands, in the folder that examples/make-saes.mjs makes. */
const runnable = [
  'docs/quick-start.md',
  'docs/your-own-saes.md',
  'docs/reading-a-report.md',
  'docs/faq.md',
  'docs/consensus.md',
];

let session: Session;

beforeAll(() => {
  session = startSession();
  expect(session.run('node examples/make-saes.mjs')).toMatchObject({ status: 0 });
});
afterAll(() => session.end());

describe.each(runnable)('%s', (page) => {
  test.each(examplesOf(page, 'sh'))('$code', ({ code, shown }) => {
    const { status, stdout, stderr } = session.run(code);
    // A refusal is shown as it is; progress before it is not.
    if (shown?.startsWith('reseed: ')) {
      expect(status).toBe(3);
      expect(stderr.slice(stderr.indexOf('reseed: '))).toMatch(asShown(shown));
      return;
    }
    expect(status, stderr).toBe(0);
    if (shown !== undefined) expect(stdout).toMatch(asShown(shown));
  });
});

test('runnable pages have commands, and most show what comes out', () => {
  const examples = runnable.flatMap((page) => examplesOf(page, 'sh'));
  expect(examples.length).toBeGreaterThan(8);
  expect(examples.filter(({ shown }) => shown !== undefined).length).toBeGreaterThan(examples.length / 2);
});

const commands = [
  compareCommand(),
  consensusCommand(),
  convertCommand(),
  doctorCommand(),
  exploreCommand(),
  harvestCommand(),
  inspectCommand(),
  nullCommand(),
  runCommand(),
  statusCommand(),
  workCommand(),
];

/** What follows the name of the program on each line of a shell, without the comment behind it. */
function commandsOf(page: string): string[] {
  return blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .flatMap(
      (line) => /(?:npm run -s reseed --|npx reseed|^reseed) (.*?)(?:\s{2,}#.*|$)/.exec(line)?.[1] ?? [],
    );
}

const everyCommand = allPages.flatMap((page) => commandsOf(page).map((command) => ({ page, command })));

test.each(everyCommand)('$page: $command names a command and flags that exist', ({ command }) => {
  const [name, ...rest] = command.split(/\s+/);
  if (name === '--help') return;
  const known = commands.find((one) => one.name() === name);
  expect(known?.name()).toBe(name);
  const flags = rest.filter((word) => word.startsWith('--'));
  for (const flag of flags) expect(known!.options.map(({ long }) => long)).toContain(flag);
});

test.each(allPages)('%s names npm scripts that exist', (page) => {
  const scripts = [...textOf(page).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script]) => script);
  expect(scripts.filter((script) => !(script in packageJson.scripts))).toEqual([]);
});

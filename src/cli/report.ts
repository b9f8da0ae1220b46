// `reseed report <folder>`: pages and figures of finished results, made anew from results.json.
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';

const resultsName = 'results.json';

export function reportCommand(): Command {
  return new Command('report')
    .description(
      'make report.html, report.md and the figures again, from the results of a run or a comparison',
    )
    .argument('<folder>', 'the folder of results.json, or that file')
    .option('--to <folder>', 'where they are written (default: beside results.json)')
    .addHelpText(
      'after',
      `
Nothing is measured again, and results.json stays as it is: so results of an earlier release, or of another machine, appear in the
words and figures of this one. features.parquet is not needed.`,
    )
    .action(makeReport);
}

async function makeReport(path: string, { to }: { readonly to?: string }): Promise<void> {
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ readResults }, { renderReport }, { openStudyFolder }] = await Promise.all([
    import('../results/read-results.js'),
    import('../report/render.js'),
    import('../study/folder.js'),
  ]);
  const file = basename(path) === resultsName ? path : join(path, resultsName);
  const results = await readResults(file);
  const files = await renderReport(results);
  const out = to ?? dirname(file);
  const folder = await openStudyFolder(out);
  for (const { path: name, bytes } of files) await folder.write(name, bytes);
  process.stdout.write(`Report: ${join(out, 'report.html')}\n`);
}

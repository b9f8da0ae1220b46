// `reseed status DIR`: how far the units of a folder are, whoever works on them.
import { Command } from 'commander';

export function statusCommand(): Command {
  return new Command('status')
    .description('how far the work of a folder is that other processes do')
    .argument('<folder>', 'that `reseed run --executor` works in')
    .option('--json', 'as JSON')
    .action(async (root: string, { json }: { readonly json?: boolean }) => {
      const [{ StudyFolder }, { statusOf }, { statusText }] = await Promise.all([
        import('../study/folder.js'),
        import('../study/units/status.js'),
        import('../report/units-text.js'),
      ]);
      const status = await statusOf(new StudyFolder(root));
      process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status));
    });
}

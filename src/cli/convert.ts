// `reseed convert <sae> --to saelens <folder>`: an SAE of any layout, written as one that SAELens loads.
import { Command, Option } from 'commander';
import { type StatedFlags, statedIn, withStatedOptions } from './stated-options.js';

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('write an SAE of any layout that can be read as one that SAELens loads, with the same codes')
    .argument('<sae>', 'a file of weights, the configuration beside it, or the folder of both')
    .argument('<folder>', 'a new or an empty folder for the SAE')
    .addOption(new Option('--to <layout>', 'the layout to write').choices(['saelens']).makeOptionMandatory())
    .usage('<sae> --to saelens <folder>');
  return withStatedOptions(command).action(convertFile);
}

async function convertFile(path: string, folder: string, flags: StatedFlags): Promise<void> {
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ convertToSaelens }, { dSae }] = await Promise.all([
    import('../sae/convert.js'),
    import('../sae/sae.js'),
  ]);
  const { sae, origin } = await convertToSaelens(path, folder, statedIn(flags));
  const shape = `${dSae(sae)} features of width ${sae.encoder.cols}`;
  process.stdout.write(`${folder}: ${sae.architecture}, ${shape}, from ${origin.format}\n`);
}

// `reseed convert <sae> --to <layout> <folder>`: an SAE of any layout, written as one that another tool loads.
import { Command, Option } from 'commander';
import { type ConvertLayout, convertLayouts } from '../sae/convert-layouts.js';
import { writeNote } from './message-form.js';
import { type StatedFlags, statedIn, withStatedOptions } from './stated-options.js';

interface ConvertFlags extends StatedFlags {
  readonly to: ConvertLayout;
}

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('write an SAE of any layout that can be read in another one, with the same codes')
    .argument('<sae>', 'a file of weights, the configuration beside it, or the folder of both')
    .argument('<folder>', 'a new or an empty folder for the SAE')
    .addOption(
      new Option('--to <layout>', 'the layout to write').choices(convertLayouts).makeOptionMandatory(),
    )
    .usage('<sae> --to <layout> <folder>')
    .addHelpText(
      'after',
      `
saelens: sae_weights.safetensors and cfg.json. safetensors: one file, sae.safetensors, under the usual names, whose metadata say
how it encodes. dictionary_learning: ae.pt and config.json.`,
    );
  return withStatedOptions(command).action(convertFile);
}

async function convertFile(path: string, folder: string, flags: ConvertFlags): Promise<void> {
  // Loaded here, so that --help and a wrong argument are answered at once.
  const [{ convertSae }, { dSae }] = await Promise.all([
    import('../sae/convert.js'),
    import('../sae/sae.js'),
  ]);
  const { sae, origin, caveat } = await convertSae(path, flags.to, folder, statedIn(flags));
  const shape = `${dSae(sae)} features of width ${sae.encoder.cols}`;
  process.stdout.write(`${folder}: ${sae.architecture}, ${shape}, from ${origin.format}\n`);
  if (caveat !== undefined) writeNote(`${folder}: ${caveat}.`);
}

// Every file of a consensus: the dictionary in two layouts, its families, what was found, and a report.
import type { FileContent } from '../../formats/atomic-write.js';
import { renderConsensusReport } from '../../report/consensus/consensus-report.js';
import { encodeFamilies, familiesFile } from '../../report/consensus/families-table.js';
import { type ConsensusResult, serializeConsensus } from '../../results/consensus-result.js';
import { saelensContent, saelensFiles } from '../../sae/sources/saelens-write.js';
import { stateDictFile, stateDictPieces } from '../../sae/sources/state-dict-write.js';
import type { Consensus } from './consensus.js';
import { featuresOfSaes } from './result.js';

export interface ConsensusFile {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly content: FileContent;
}

const [weightsPath, configPath] = [saelensFiles.weights, saelensFiles.config].map(
  (name) => `saelens/${name}`,
);

/** Those that are there only where there is a dictionary. */
export const dictionaryFiles: readonly string[] = [weightsPath, configPath, stateDictFile];

/** @param source an SAE that the dictionary comes from, for messages */
export async function* consensusFiles(
  found: Consensus,
  result: ConsensusResult,
  source: string,
): AsyncGenerator<ConsensusFile> {
  const { families, dictionary } = found;
  if (dictionary) {
    const { sae, support } = dictionary;
    const record = {
      consensus: {
        of: families.saes,
        support,
        by: families.by,
        cosine: families.cosine,
        refitted: dictionary.refitted,
      },
    };
    const { weights, config } = saelensContent(sae, undefined, record, source);
    yield { path: weightsPath, content: weights };
    yield { path: configPath, content: config };
    yield { path: stateDictFile, content: stateDictPieces(sae, undefined, record, source) };
  }
  yield {
    path: familiesFile,
    content: encodeFamilies(families, featuresOfSaes(found), dictionary?.families),
  };
  yield { path: 'consensus.json', content: serializeConsensus(result) };
  for (const { path, bytes } of await renderConsensusReport(result)) yield { path, content: bytes };
}

// What was found as the value that consensus.json has, and as the rows of families.parquet.
import { defined } from '../../defined.js';
import { exampleRows } from '../../features/families/examples.js';
import { familiesResult } from '../../features/families/families-result.js';
import type { Kernel } from '../../kernel/interface.js';
import type { FeaturesOfSae } from '../../report/consensus/families-table.js';
import { type ConsensusResult, consensusVersion } from '../../results/consensus-result.js';
import { firingOf } from '../../sae/member.js';
import { dModel, dSae, kOf } from '../../sae/sae.js';
import { rowNorms } from '../../tensor/matrix.js';
import { version } from '../../version.js';
import type { ComparedSae } from '../compare.js';
import type { Consensus } from './consensus.js';

export interface MadeBy {
  readonly kernel: Pick<Kernel, 'id' | 'threads'>;
  /** ISO 8601 time. */
  readonly createdAt: string;
  readonly command?: string;
}

export function consensusResult(
  found: Consensus,
  saes: readonly ComparedSae[],
  { kernel, createdAt, command }: MadeBy,
): ConsensusResult {
  const { families, dictionary, noDictionary, rest } = found;
  return {
    schema: consensusVersion,
    createdAt,
    reseed: {
      version,
      kernel: kernel.id,
      threads: kernel.threads,
      ...defined({ command }),
    },
    saes: saes.map(({ id, sae, origin }, s) => ({
      id,
      ...defined({ path: origin?.path }),
      architecture: sae.architecture,
      dModel: dModel(sae),
      dSae: dSae(sae),
      scored: families.scored[s],
    })),
    families: familiesResult(families),
    ...(dictionary
      ? {
          dictionary: {
            features: dSae(dictionary.sae),
            support: dictionary.support,
            k: kOf(dictionary.sae)!,
            refitted: dictionary.refitted,
            ...(dictionary.kept ? { kept: dictionary.kept } : {}),
          },
        }
      : {}),
    ...defined({ noDictionary }),
    rest,
  };
}

/** What families.parquet says of the features of each SAE. */
export function featuresOfSaes({ members, stride }: Consensus): FeaturesOfSae[] {
  return members.map((member) => {
    const firing = firingOf(member);
    return {
      norm: rowNorms(member.sae.decoder),
      ...(firing && firing.rows > 0
        ? { firingRate: Float64Array.from(firing.counts, (count) => count / firing.rows) }
        : {}),
      ...(member.codes ? { examples: exampleRows(member.codes, stride) } : {}),
    };
  });
}

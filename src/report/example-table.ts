// examples.parquet: for every feature of every SAE, tokens on which it fires, with what stands around them.
//
// Sorted by group, SAE and feature, 256 features a row group, and no row group of two SAEs: the statistics of the row groups
// tell which one has a feature, so a feature is one read.
import type { Tokens } from '../activations/tokens.js';
import type { FeatureExample, FeatureExamples } from '../features/examples.js';
import { encodeParquet, type ParquetColumn, type ParquetValue } from '../formats/parquet.js';

export const examplesFile = 'examples.parquet';

/** The examples of one SAE, feature by feature. */
export interface SaeExamples {
  readonly group: string;
  readonly sae: string;
  readonly tokens: Tokens;
  readonly features: Iterable<FeatureExamples>;
}

export interface ExampleColumn extends ParquetColumn {
  readonly meaning: string;
  readonly value: (row: Row) => ParquetValue;
}

interface Row {
  readonly of: SaeExamples;
  readonly feature: number;
  readonly example: FeatureExample;
}

function column(
  name: string,
  type: ParquetColumn['type'],
  meaning: string,
  value: ExampleColumn['value'],
): ExampleColumn {
  return { name, type, meaning, value };
}

/** In the order of the file. Features that never fire have no rows. */
export const exampleColumns: readonly ExampleColumn[] = [
  column('group', 'string', 'group of SAEs', (r) => r.of.group),
  column('sae', 'string', 'SAE that the feature belongs to', (r) => r.of.sae),
  column('feature', 'int32', 'index of the feature in it', (r) => r.feature),
  column('kind', 'string', 'top, quantile or random', (r) => r.example.kind),
  column('rank', 'int32', 'place within the kind, from 0', (r) => r.example.rank),
  column('row', 'int32', 'row of the activations, from 0', (r) => r.example.row),
  column('document', 'int32', 'document that the token is from', (r) => r.of.tokens.document[r.example.row]),
  column(
    'position',
    'int32',
    'position of the token in its sequence',
    (r) => r.of.tokens.position[r.example.row],
  ),
  column('code', 'float32', 'code of the feature on the row', (r) => r.example.code),
  column('context', 'strings', 'the token and those around it, in their order', contextOf),
  column('codes', 'float32s', 'codes of the feature on the tokens of the context', (r) => r.example.codes),
  column('at', 'int32', 'which token of the context it is, from 0', (r) => r.example.row - r.example.from),
];

function contextOf({ of: { tokens }, example: { from, codes } }: Row): string[] {
  return codes.map((_, i) => tokens.texts[tokens.token[from + i]]);
}

/** Features of a row group. */
const featuresPerGroup = 256;

/** The bytes of examples.parquet, in pieces; SAEs are asked for one after the other. */
export function encodeExamples(
  saes: Iterable<SaeExamples> | AsyncIterable<SaeExamples>,
): AsyncGenerator<Uint8Array> {
  return encodeParquet(exampleColumns, rowGroups(saes), { schema: 'reseed/examples/1' });
}

async function* rowGroups(
  saes: Iterable<SaeExamples> | AsyncIterable<SaeExamples>,
): AsyncGenerator<ParquetValue[][]> {
  const empty = (): ParquetValue[][] => exampleColumns.map(() => []);
  for await (const of of saes) {
    let rows = empty();
    let block = 0;
    for (const { feature, examples } of of.features) {
      const own = Math.floor(feature / featuresPerGroup);
      if (own !== block) {
        yield rows;
        rows = empty();
        block = own;
      }
      for (const example of examples) {
        exampleColumns.forEach(({ value }, c) => void rows[c].push(value({ of, feature, example })));
      }
    }
    yield rows;
  }
}

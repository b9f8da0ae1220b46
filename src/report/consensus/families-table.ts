// families.parquet: one row for each feature of a family.
import type { Families } from '../../features/families/families.js';
import { encodeParquet, type ParquetColumn, type ParquetValue } from '../../formats/parquet.js';

export const familiesFile = 'families.parquet';

/** What is known of the features of one SAE. */
export interface FeaturesOfSae {
  /** [F] length of the decoder row */
  readonly norm: Float64Array;
  /** [F] share of the rows on which it fires; absent without activations */
  readonly firingRate?: Float64Array;
  /** [F] rows on which its codes are largest, the largest first; absent without activations */
  readonly examples?: readonly (readonly number[])[];
}

export interface FamilyColumn extends ParquetColumn {
  readonly meaning: string;
  readonly value: (row: Row) => ParquetValue | undefined;
}

interface Row {
  readonly families: Families;
  readonly of: FeaturesOfSae;
  readonly family: number;
  readonly member: number;
  /** Of the dictionary, where the family is one. */
  readonly entry: number | undefined;
}

const memberOf = ({ families, family, member }: Row) => families.families[family].members[member];
const familyOf = ({ families, family }: Row) => families.families[family];

/** In the order of the file. */
export const familyColumns: readonly FamilyColumn[] = [
  {
    name: 'family',
    type: 'int32',
    meaning: 'number of the family, the largest support first, then the best agreement',
    value: ({ family }) => family,
  },
  {
    name: 'sae',
    type: 'string',
    meaning: 'SAE of the member',
    value: (r) => r.families.saes[memberOf(r).sae],
  },
  {
    name: 'feature',
    type: 'int32',
    meaning: 'index of the feature in it',
    value: (r) => memberOf(r).feature,
  },
  {
    name: 'support',
    type: 'int32',
    meaning: 'SAEs that the family is in',
    value: (r) => familyOf(r).members.length,
  },
  {
    name: 'agreement',
    type: 'float64',
    meaning: 'mean |cosine| over all pairs of the family',
    value: (r) => familyOf(r).agreement,
  },
  {
    name: 'q',
    type: 'float64',
    meaning: 'chance adjusted over all families that there could be (Benjamini–Hochberg)',
    value: (r) => familyOf(r).q,
  },
  {
    name: 'chance',
    type: 'float64',
    meaning: 'chance of such a support by accident',
    value: (r) => familyOf(r).chance,
  },
  {
    name: 'least_cosine',
    type: 'float64',
    meaning: 'smallest |cosine| over all pairs of the family',
    value: (r) => familyOf(r).leastCosine,
  },
  {
    name: 'member_agreement',
    type: 'float64',
    meaning: 'mean |cosine| of this member with the others',
    value: (r) => memberOf(r).agreement,
  },
  {
    name: 'sign',
    type: 'int32',
    meaning: '1, or −1 where it points against the first member',
    value: (r) => memberOf(r).sign,
  },
  {
    name: 'dictionary',
    type: 'int32',
    optional: true,
    meaning: 'index of the feature of the dictionary that the family is; absent where it is none',
    value: ({ entry }) => entry,
  },
  {
    name: 'norm',
    type: 'float64',
    meaning: 'length of its decoder row',
    value: (r) => r.of.norm[memberOf(r).feature],
  },
  {
    name: 'firing_rate',
    type: 'float64',
    optional: true,
    meaning: 'share of the activations on which it fires; absent without activations',
    value: (r) => r.of.firingRate?.[memberOf(r).feature],
  },
  {
    name: 'examples',
    type: 'string',
    optional: true,
    meaning:
      'rows of the activations on which its codes are largest, the largest first, with commas; absent without activations',
    value: (r) => r.of.examples?.[memberOf(r).feature]?.join(','),
  },
];

const rowsPerGroup = 65_536;

/**
 * The bytes of families.parquet, in pieces.
 * @param of the SAEs, in the order of `families.saes` @param dictionary numbers of the families that are features of it
 */
export function encodeFamilies(
  families: Families,
  of: readonly FeaturesOfSae[],
  dictionary: Int32Array = new Int32Array(0),
): AsyncGenerator<Uint8Array> {
  return encodeParquet(familyColumns, rowGroups(families, of, dictionary), { schema: 'reseed/families/1' });
}

function* rowGroups(
  families: Families,
  of: readonly FeaturesOfSae[],
  dictionary: Int32Array,
): Generator<ParquetValue[][]> {
  const entries = new Map(Array.from(dictionary, (family, entry) => [family, entry]));
  const empty = (): ParquetValue[][] => familyColumns.map(() => []);
  let rows = empty();
  for (const [family, { members }] of families.families.entries()) {
    for (const [member, { sae }] of members.entries()) {
      const row: Row = { families, of: of[sae], family, member, entry: entries.get(family) };
      familyColumns.forEach(({ value }, c) => {
        rows[c].push(value(row) ?? null);
      });
    }
    if (rows[0].length < rowsPerGroup) continue;
    yield rows;
    rows = empty();
  }
  yield rows;
}

// What is refused as the tokens of the rows.
import { type Case, compared, type Files, plain, told, withX } from './case.js';

const withTokens =
  'compare @a.safetensors @a.safetensors --activations @x.safetensors --tokens @t.json --out @out';

const tokenLists = (rows: number) => ({
  document: Array(rows).fill(0),
  position: Array.from({ length: rows }, (_, n) => n),
  token: Array(rows).fill(' a'),
});

/** A file of tokens that is refused, and one that is not. */
const tokens = (problem: string, t: Files[string], advice: RegExp): Case => ({
  problem,
  files: { ...withX(plain, { ...told, apply_b_dec_to_input: 'false' }), 't.json': t },
  command: withTokens,
  advice,
  mended: { 't.json': { json: tokenLists(40) } },
  outcome: compared,
});

export const cases: readonly Case[] = [
  tokens(
    'tokens and activations differ in rows',
    { json: tokenLists(39) },
    /t\.json, tokens: .*found 39 rows; expected 40, one a row of .*x\.safetensors/,
  ),
  tokens(
    'it is neither Parquet nor JSON',
    'a b c',
    /expected Parquet, or a JSON object of three lists: document/,
  ),
  tokens(
    'it is not a list',
    { json: { token: [] } },
    /document: .*found nothing; expected Parquet, or a JSON/,
  ),
  tokens(
    'its lists are not of one length',
    { json: { ...tokenLists(40), token: ['a'] } },
    /token: .*found 1; expected 40, as in document/,
  ),
  tokens(
    'it is not what the column holds',
    { json: { ...tokenLists(40), token: Array(40).fill(7) } },
    /token, row 0: .*found 7; expected a text/,
  ),
  tokens('it cannot be read as Parquet', 'PAR1 cut off', /t\.json: it cannot be read as Parquet/),
  {
    problem: 'there are no tokens in it',
    files: { ...withX(plain, told), 'empty/notes.txt': '' },
    command: withTokens.replace('@t.json', '@empty'),
    advice: /expected tokens\.parquet or tokens\.json/,
    mended: { 'empty/tokens.json': { json: tokenLists(40) } },
    outcome: compared,
  },
  {
    problem: 'they have no effect here',
    files: { ...withX(plain, told), 't.json': { json: tokenLists(40) } },
    command: withTokens.replace(' --activations @x.safetensors', ''),
    advice: /--tokens: .*found no activations that they belong to; expected --activations FILE too/,
    followed: '@= --activations @x.safetensors',
    outcome: compared,
  },
];

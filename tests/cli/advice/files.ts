// What is refused of checkpoints as files: which of them, which part, and whether they are one.
import {
  type Case,
  compared,
  converted,
  d,
  drawn,
  encoded,
  features,
  onX,
  plain,
  stacked,
  told,
  withX,
} from './case.js';

export const cases: readonly Case[] = [
  {
    problem: 'it does not list shards',
    files: { 'a.safetensors': [plain, told], 'model.safetensors.index.json': { json: { weight_map: {} } } },
    command: 'convert @model.safetensors.index.json --to saelens @out',
    advice: /expected 1 to 256 names of files beside it/,
    mended: { 'model.safetensors.index.json': { json: { weight_map: { W_enc: 'a.safetensors' } } } },
    outcome: converted,
  },
  ...['{', '[]', `${'['.repeat(99)}${']'.repeat(99)}`].map((text, i): Case => {
    return {
      problem: ['it is not …', 'it is not a …', 'it is nested too deeply'][i],
      files: { ...withX(plain, told), 'config.json': text },
      command: onX,
      advice: [
        /it is not JSON.*expected a JSON object/,
        /it is not a JSON object/,
        /nested too deeply; expected at most \d+ levels/,
      ][i],
      mended: { 'config.json': '{}' },
      outcome: encoded,
    };
  }),
  {
    problem: 'it is too long for a configuration',
    files: { ...withX(plain, told), 'config.yaml': `a: ${'b'.repeat(70_000)}\n` },
    command: onX,
    advice: /expected a YAML map of at most 65536 bytes/,
    mended: { 'config.yaml': 'a: b\n' },
    outcome: encoded,
  },
  {
    problem: 'it is not clear which file holds the SAE',
    files: { 'a.safetensors': [plain, told], 'b.safetensors': [plain, told] },
    command: 'convert @ --to saelens @out/new',
    advice: /found 2: a\.safetensors, b\.safetensors; expected .*a single file/,
    followed: 'convert @a.safetensors --to saelens @out/new',
    outcome: converted,
  },
  {
    problem: 'it holds more than one SAE',
    files: { 'a.safetensors': [stacked(2), told] },
    command: 'convert @a.safetensors --to saelens @out',
    advice: /found 2: .*a\.safetensors#0, .*expected the name of one behind a #/,
    followed: 'convert @a.safetensors#0 --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it does not hold this SAE',
    files: { 'a.safetensors': [stacked(2), told] },
    command: 'convert @a.safetensors#9 --to saelens @out',
    advice: /found 0, 1; expected 9/,
    followed: 'convert @a.safetensors#1 --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it holds too many SAEs',
    files: {
      'a.safetensors': [
        { W_enc: drawn(10_001, 1, 2), W_dec: drawn(10_001, 2, 1), b_enc: drawn(10_001, 2) },
        told,
      ],
    },
    command: 'compare @a.safetensors',
    advice: /found 10001; expected at most 10000/,
    mended: { 'a.safetensors': [stacked(2), told] },
    outcome: compared,
  },
  {
    problem: 'it is not an SAE of a known layout',
    files: withX({ W_dec: drawn(features, d) }),
    command: 'compare @a.safetensors @a.safetensors --activations @x.safetensors',
    advice: /without --activations, a \.npy file of decoder rows, or a tensor W_dec alone, will do/,
    followed: 'compare @a.safetensors @a.safetensors',
    outcome: compared,
  },
  {
    problem: 'it is not clear which axis counts features',
    files: { 'a.safetensors': [{ decoder: drawn(4, 4) }] },
    command: 'compare @a.safetensors @a.safetensors',
    advice: /whose tensor is called W_dec \(one row a feature\) or decoder\.weight/,
    mended: { 'a.safetensors': [{ W_dec: drawn(4, 4) }] },
    outcome: compared,
  },
];

// How well families of features are what they should be, where that is known: the tables of docs/consensus.md.
//
//   npm run consensus-worlds -- [--only made,trained,nothing,unseen] [--overlap 0.1,0.5,1] [--threads N]
//
// Each table is a file in bench/consensus, which says at its head what is made and what is counted.
import { parseArgs } from 'node:util';
import { selectKernel } from '../dist/kernel/select.js';
import { made } from './consensus/made.mjs';
import { nothing } from './consensus/nothing.mjs';
import { trained } from './consensus/trained.mjs';
import { unseen } from './consensus/unseen.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'made,trained,nothing,unseen' },
    overlap: { type: 'string', default: '0.1,0.5,1' },
    threads: { type: 'string', default: '1' },
  },
});
const kernel = selectKernel({ threads: Number(options.threads) });
const overlaps = options.overlap.split(',').map(Number);
const tables = { made, trained, nothing, unseen };
for (const name of options.only.split(',')) print(await tables[name](kernel, overlaps));
await kernel.close();

function print({ head, rows }) {
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  line(head);
  line(head.map(() => '---'));
  for (const cells of rows) line(cells);
  console.log('');
}

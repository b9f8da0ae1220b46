// The pictures of docs/images, and the answer in README, from what is committed.
import { scoresFigure } from '../../src/report/figures/scores.js';
import { standalone } from '../../src/report/figures/theme.js';
import { describeResults } from '../../src/report/wording.js';
import { parseResults } from '../../src/results/read-results.js';
import { matrixFigure } from '../zoo/picture.js';
import { readConfusionTable } from '../zoo/tables.js';
import { textOf } from './page.js';

/** The results of `npm start` that the pictures show; `npm run pictures -- --results FILE` replaces them. */
export const sourceFile = 'docs/images/layer-0-anomaly.json';

/** What `sourceFile` keeps of a results.json: all but its sentences, which the code makes again. */
export function sourceOf(resultsJson: string): string {
  return `${JSON.stringify(parseResults(JSON.parse(resultsJson)))}\n`;
}

/** A file that has a picture in it, as the code writes it now. */
export interface Picture {
  readonly file: string;
  readonly text: string;
}

/** Every picture that can be drawn from committed data. @param source text of `sourceFile` */
export function pictures(source: string): Picture[] {
  const results = parseResults(JSON.parse(source));
  const answer = describeResults(results).map(({ question, answer }) => `> **${question}** ${answer}`);
  const confusion = between(textOf('docs/diagnosis.md'), 'zoo:confusion');
  return [
    { file: 'docs/images/scores.svg', text: `${standalone(scoresFigure(results)!.svg)}\n` },
    { file: 'docs/images/zoo.svg', text: `${matrixFigure(readConfusionTable(confusion))}\n` },
    { file: 'README.md', text: withAnswer(textOf('README.md'), answer.join('\n>\n')) },
  ];
}

function marked(name: string): RegExp {
  return new RegExp(`(<!-- ${name} -->\n)([\\s\\S]*?)(<!-- /${name} -->)`);
}

function between(page: string, name: string): string {
  return marked(name).exec(page)![2];
}

function withAnswer(page: string, answer: string): string {
  return page.replace(marked('answer'), (_, start, __, end) => `${start}${answer}\n${end}`);
}

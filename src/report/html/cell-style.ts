// The style sheet of a notebook's cell. It holds within the cell alone, and against what notebooks say of tables there.
import { darkColours, fonts, lightColours } from './style.js';

/** Pages that say so themselves: JupyterLab and Notebook 7, VS Code, Colab. Elsewhere the browser's setting decides. */
const light = 'body[data-jp-theme-light="true"], body.vscode-light, html[theme="light"]';
const dark = 'body[data-jp-theme-light="false"], body.vscode-dark, html[theme="dark"]';

/** Three times, so that it weighs more than the rules of any notebook. */
const cell = '.reseed.reseed.reseed';

export const cellStyle = `
.reseed {
  ${lightColours}
  ${fonts}
  color-scheme: light;
}
@media (prefers-color-scheme: dark) {
  .reseed:not(:is(${light}) *) {
    ${darkColours}
    color-scheme: dark;
  }
}
:is(${dark}) .reseed {
  ${darkColours}
  color-scheme: dark;
}
${cell} {
  background: var(--paper); color: var(--ink); font: .875rem/1.5 var(--sans); text-align: left;
  border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem; margin: .25rem 0; max-width: 64rem; overflow: hidden;
}
${cell} * { box-sizing: border-box; }
${cell} p, ${cell} dd, ${cell} figcaption { max-width: 44rem; margin: 0 0 .5rem; color: inherit; }
${cell} .notice { border-left: 4px solid var(--open); background: var(--open-bg); padding: .4rem .75rem; }
${cell} .answer dl { margin: 0 0 1rem; display: grid; gap: .6rem; }
${cell} .answer dl > div { display: block; }
${cell} .answer dt { font: 600 .8125rem/1.4 var(--sans); color: var(--soft); float: none; width: auto; margin: 0; }
${cell} .answer dd { font: 1rem/1.5 var(--serif); margin: .1rem 0 0; max-width: 52rem; }
${cell} .scroll { overflow-x: auto; margin: .75rem 0; }
${cell} .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
${cell} table {
  border: 0; border-collapse: collapse; width: 100%; margin: 0; table-layout: auto; color: inherit;
  font: .8125rem/1.4 var(--sans); font-variant-numeric: tabular-nums;
}
${cell} caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; color: inherit; caption-side: top; }
${cell} tr { background: none; }
${cell} :is(th, td) {
  text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border: 0; border-bottom: 1px solid var(--line);
  color: inherit; max-width: none; white-space: normal;
}
${cell} thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; border-bottom-width: 2px; }
${cell} tbody th { font-weight: 500; min-width: 11rem; }
${cell} tr.section th { color: var(--soft); padding-top: .8rem; }
${cell} .number { text-align: right; }
${cell} td.number { white-space: nowrap; }
${cell} td.number.long { white-space: normal; min-width: 7rem; }
${cell} td.prose { min-width: 15rem; }
${cell} :is(th, td):last-child { padding-right: 0; }
${cell} small { display: block; color: var(--soft); font-size: .75rem; font-weight: 400; }
${cell} .badge { display: inline-block; font: 600 .75rem/1.5 var(--sans); padding: .05rem .5rem; border-radius: 1rem; white-space: nowrap; }
${cell} .good { color: var(--good); background: var(--good-bg); }
${cell} .bad { color: var(--bad); background: var(--bad-bg); }
${cell} .open { color: var(--open); background: var(--open-bg); }
${cell} details { margin: .75rem 0 0; }
${cell} summary { cursor: pointer; font: 500 .875rem/1.5 var(--sans); }
${cell} figure { margin: 1rem 0 0; }
${cell} figure svg { display: block; width: 100%; height: auto; max-width: var(--width); min-width: calc(var(--width) * .7); }
${cell} figcaption { font-size: .875rem; margin: .5rem 0 0; }
`.trim();

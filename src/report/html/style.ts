// The style sheet of the report: light and dark, narrow and wide, screen and paper.

/** On light paper, as custom properties; figures have those of their own as fallback. */
export const lightColours = `
  --paper: #fdfcfa; --panel: #f5f3ee; --ink: #1d1d1b; --soft: #5b5953; --line: #dcd8cf; --link: #00557f;
  --good: #00694c; --bad: #a8330a; --open: #6b5b00;
  --good-bg: #e0f1ea; --bad-bg: #fbe7de; --open-bg: #f5efd4;
`.trim();

/** On dark paper. */
export const darkColours = `
    --paper: #17181a; --panel: #1f2124; --ink: #e8e6e1; --soft: #a9a69e; --line: #3a3c40; --link: #7cc4ee;
    --good: #6fd6b0; --bad: #ff9d73; --open: #e3cd6a;
    --good-bg: #14352b; --bad-bg: #43220f; --open-bg: #37300d;
    --fig-decoder: #56b4e9; --fig-activation: #f08a45; --fig-displacement: #35c39a;
    --fig-null-random: #c4c4c4; --fig-null-init: #e08fc0; --fig-null-rows: #e3c244;
    --fig-null-covariance: #6cc5e3; --fig-null-untrained: #b795ec;
    --fig-live: #56b4e9; --fig-dead: #85888d; --fig-heat: #3d8fc4;
`.trim();

/** Typefaces, and the colours of figures that go by those of the page. */
export const fonts = `
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  --fig-paper: var(--paper); --fig-ink: var(--ink); --fig-soft: var(--soft); --fig-faint: var(--line); --fig-font: var(--sans);
`.trim();

export const style = `
:root {
  color-scheme: light dark;
  ${lightColours}
  ${fonts}
}
@media (prefers-color-scheme: dark) {
  :root {
    ${darkColours}
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 var(--serif); }
main, header, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
footer { padding-bottom: 4rem; }
p, li, dd, figcaption, .notice { max-width: 44rem; }
h1, h2, h3 { line-height: 1.25; font-weight: 600; text-wrap: balance; }
h1 { font-size: 2.25rem; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
a { color: var(--link); text-underline-offset: .15em; }
code { font: .85em var(--mono); overflow-wrap: anywhere; }
.lead, .meta, nav { color: var(--soft); }
.meta, nav { font: .875rem/1.6 var(--sans); }
nav ul { list-style: none; margin: 1rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.notice { border-left: 4px solid var(--open); background: var(--open-bg); padding: .6rem 1rem; margin: 1.5rem 0; }
.answer { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1.5rem 1.75rem; margin: 2rem 0 0; }
.answer h2 { border: 0; padding: 0; margin: 0 0 .75rem; }
.answer dl { margin: 0; display: grid; gap: 1rem; }
.answer dt { font: 600 .8125rem/1.4 var(--sans); color: var(--soft); }
.answer dd { margin: .15rem 0 0; font-size: 1.125rem; max-width: 52rem; }
.verdict { font-size: 1.125rem; }
.scroll { overflow-x: auto; margin: 1.25rem 0; }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font: .875rem/1.45 var(--sans); font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; border-bottom-width: 2px; }
tbody th { font-weight: 500; min-width: 11rem; }
tr.section th { color: var(--soft); padding-top: 1.1rem; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td.number.long { white-space: normal; min-width: 7rem; }
th:last-child, td:last-child { padding-right: 0; }
td.prose { min-width: 15rem; }
small { display: block; color: var(--soft); font-size: .8125rem; font-weight: 400; }
.badge { display: inline-block; font: 600 .75rem/1.5 var(--sans); padding: .05rem .5rem; border-radius: 1rem; white-space: nowrap; }
.good { color: var(--good); background: var(--good-bg); }
.bad { color: var(--bad); background: var(--bad-bg); }
.open { color: var(--open); background: var(--open-bg); }
figure { margin: 2.5rem 0; }
figure svg { display: block; width: 100%; height: auto; max-width: calc(var(--width) * 1.1); min-width: calc(var(--width) * .85); }
figcaption { font-size: 1rem; margin-top: .75rem; }
.findings { list-style: none; padding: 0; margin: 1rem 0; display: grid; gap: 1rem; }
.findings li { border-left: 3px solid var(--line); padding-left: 1rem; }
.findings li.fail { border-left-color: var(--bad); }
.findings li.warn { border-left-color: var(--open); }
.findings p { margin: .2rem 0; }
.findings .advice { color: var(--soft); }
.findings strong { margin-right: .4rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; font: 500 .9375rem/1.5 var(--sans); }
.notes { display: grid; gap: .9rem; margin: 1rem 0; }
.notes dt { font-weight: 600; }
.notes dd { margin: 0; }
pre { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .375rem; padding: 1rem; font: .8125rem/1.5 var(--mono); }
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  main, header, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 2rem; }
  h1 { font-size: 1.75rem; }
  .answer { padding: 1.1rem 1.1rem; }
  tbody th { min-width: 8.5rem; }
}
@media print {
  :root { --paper: #fff; --panel: #fff; }
  body { font-size: 10pt; }
  nav { display: none; }
  h2 { margin-top: 1.5rem; }
  h2, h3, caption { break-after: avoid; }
  tr, figure, .findings li, .answer { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  details::details-content { content-visibility: visible; display: block; }
}
`.trim();

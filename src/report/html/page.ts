// The report as one HTML file: no script, nothing loaded from anywhere, readable without styles.

import type { GroupResult, Results } from '../../results/results.js';
import { featureColumns } from '../feature-table.js';
import type { Figure } from '../figures/index.js';
import { capitalise, plural } from '../number-format.js';
import {
  activationsOf,
  type FindingInWords,
  featureFile,
  findingsByVerdict,
  methodNotes,
  type Note,
  noticesOf,
  provenance,
  sectionsInWords,
  titleOf,
} from '../outline.js';
import { settingsTable } from '../settings-table.js';
import { claimsTable, firingTable, metricsTable, saesTable, stabilityTable } from '../tables.js';
import { describeCause, describeGroup, describeResults, groupName } from '../wording.js';
import { figure, table } from './parts.js';
import { style } from './style.js';
import { type Html, html, raw } from './template.js';

/** The whole page. */
export function renderHtml(results: Results, figures: readonly Figure[]): string {
  const title = titleOf(results);
  const settings = settingsTable(results);
  const claims = (results.claims ?? []).length > 0;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="reseed ${results.reseed.version}">
<title>${title} · reseed</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${results.study?.description !== undefined && html`<p class="lead">${results.study.description}</p>`}
<p class="meta">reseed ${results.reseed.version}, ${results.reseed.kernel} kernel · ${dateOf(results.createdAt)}</p>
${noticesOf(results).map((notice) => html`<p class="notice" role="note">${notice}</p>`)}
</header>
<main>
<section class="answer" aria-labelledby="answer">
<h2 id="answer">The answer</h2>
<dl>${describeResults(results).map(({ question, answer }) => html`<div><dt>${question}</dt><dd>${answer}</dd></div>`)}</dl>
</section>
<nav aria-label="Contents"><ul>
${claims && link('claims', 'Claims')}
${figures.length > 0 && link('figures', 'Figures')}
${settings !== undefined && link('settings', 'Settings')}
${results.groups.map((group, i) => link(`group-${i + 1}`, groupName(group)))}
${featureFile(results) !== undefined && link('features', 'Feature by feature')}
${link('saes', 'SAEs')}${link('method', 'Method')}${link('provenance', 'Provenance')}
</ul></nav>
${claims && html`<section aria-labelledby="claims"><h2 id="claims">Claims</h2>${table(claimsTable(results))}</section>`}
${figures.length > 0 && figuresSection(figures, results.groups.length > mostOpen)}
${settings !== undefined && html`<section aria-labelledby="settings"><h2 id="settings">Settings</h2>${table(settings)}</section>`}
${results.groups.map((group, i) => groupSection(group, i, results.groups.length > mostOpen))}
${featuresSection(results)}
<section aria-labelledby="saes"><h2 id="saes">SAEs</h2>${table(saesTable(results.saes))}</section>
<section aria-labelledby="method"><h2 id="method">Method</h2>${notes(methodNotes(results))}</section>
</main>
<footer>
<section aria-labelledby="provenance"><h2 id="provenance">Provenance</h2>${notes(provenance(results))}
${
  results.study &&
  html`<details><summary>The study as it was run</summary><pre>${JSON.stringify(results.study.config, null, 2)}</pre></details>`
}
</section>
</footer>
</body>
</html>
`;
  return page.text.replace(/\n{2,}/g, '\n');
}

/** "2025-01-31 14:05 UTC" of an ISO date. */
function dateOf(created: string): string {
  return `${created.slice(0, 10)} ${created.slice(11, 16)} UTC`;
}

function link(id: string, text: string): Html {
  return html`<li><a href="#${id}">${text}</a></li>`;
}

/** Beyond this many groups, what there is of each is folded away under what was concluded of it. */
const mostOpen = 6;

function fold(summary: string, inner: Html): Html {
  return html`<details><summary>${summary}</summary>${inner}</details>`;
}

function figuresSection(figures: readonly Figure[], folded: boolean): Html {
  const open = figures.filter(({ byGroup }) => !folded || !byGroup);
  const rest = figures.filter((one) => !open.includes(one));
  return html`<section aria-labelledby="figures"><h2 id="figures">Figures</h2>${open.map(figure)}${
    rest.length > 0 && fold(`Group by group: ${plural(rest.length, 'figure')}`, html`${rest.map(figure)}`)
  }</section>`;
}

function groupSection(group: GroupResult, i: number, folded: boolean): Html {
  const id = `group-${i + 1}`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${capitalise(groupName(group))}</h2>
<p class="verdict">${describeGroup(group)}</p>
<p>${activationsOf(group)}</p>
${folded ? fold('Scores, causes and findings', groupDetails(group)) : groupDetails(group)}
</section>`;
}

function groupDetails(group: GroupResult): Html {
  const { supported, inconclusive, refuted } = findingsByVerdict(group);
  return html`${Object.keys(group.metrics).length > 0 && table(metricsTable(group))}
${group.stability !== undefined && table(stabilityTable(group))}
${group.byFiring !== undefined && table(firingTable(group))}
${sectionsInWords(group).map(({ title, texts }) => html`<h3>${title}</h3><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`)}
${
  group.cause.length > 0 &&
  html`<h3>Causes, the first one first</h3><ol>${group.cause.map((cause) => html`<li>${describeCause(cause)}</li>`)}</ol>`
}
<h3>Findings</h3>
${supported.length > 0 ? findings(supported) : html`<p>No artefact was found.</p>`}
${
  inconclusive.length > 0 &&
  html`<details><summary>Could not be checked: ${inconclusive.length}</summary>${findings(inconclusive)}</details>`
}
${
  refuted.length > 0 &&
  html`<details><summary>Looked for and not there: ${refuted.length}</summary>${findings(refuted)}</details>`
}`;
}

function featuresSection(results: Results): Html | false {
  const file = featureFile(results);
  return (
    file !== undefined &&
    html`<section aria-labelledby="features"><h2 id="features">Feature by feature</h2>
<p>${file.text}</p>
<pre>${file.examples.join('\n')}</pre>
<details><summary>Its columns</summary><dl class="notes">${featureColumns.map(
      ({ name, meaning }) => html`<div><dt><code>${name}</code></dt><dd>${meaning}</dd></div>`,
    )}</dl></details>
</section>`
  );
}

const severityTone = { fail: 'bad', warn: 'open', info: 'good' } as const;

function findings(list: readonly FindingInWords[]): Html {
  return html`<ul class="findings">${list.map(
    (f) =>
      html`<li class="${f.severity}"><p><strong>${f.title}</strong> ${
        f.verdict === 'supported' &&
        html`<span class="badge ${severityTone[f.severity]}">${f.severity}</span> `
      }<code>${f.id}</code></p><p>${f.summary}</p><p class="advice">${f.advice}</p></li>`,
  )}</ul>`;
}

function notes(list: readonly Note[]): Html {
  return html`<dl class="notes">${list.map(
    ({ term, id, text }) =>
      html`<div><dt>${capitalise(term)}${id !== undefined && html` <code>${id}</code>`}</dt><dd>${text}</dd></div>`,
  )}</dl>`;
}

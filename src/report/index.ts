// From results to a report: the value and its schema, its words, tables, figures and files.
export { type Figure, figuresOf } from './figures/index.js';
export { renderHtml } from './html/page.js';
export { resultsJsonSchema } from './json-schema.js';
export { renderMarkdown } from './markdown.js';
export { type ReportFile, renderReport } from './render.js';
export * from './results.js';
export * from './wording.js';

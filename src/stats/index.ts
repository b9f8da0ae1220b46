// Statistics that every later stage uses.
export * from './angular-gaussian.js';
export * from './calibration.js';
export * from './distinct-rows.js';
export * from './effective-rank.js';
export * from './incomplete-beta.js';
export * from './jackknife.js';
export * from './multiple-testing.js';
export * from './near-duplicates.js';
export * from './random-assignment.js';
export * from './student-t.js';
export * from './summary.js';
export * from './variance-components.js';

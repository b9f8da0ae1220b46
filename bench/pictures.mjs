// Draws the pictures of docs/images, and writes the answer in README, from what is committed: npm run pictures
//
//   npm run pictures -- --check            says which are no longer what the code draws, and draws none
//   npm run pictures -- --results FILE     takes the results.json of a new `npm start` first
//
// Figures of docs/studies need their study run again: they are copies of runs/<study>/figures.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values } = parseArgs({ options: { check: { type: 'boolean' }, results: { type: 'string' } } });
const root = new URL('../', import.meta.url).pathname;
const { module } = await runnerImport(`${root}tests/docs/pictures.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
const source = `${root}${module.sourceFile}`;
if (values.results) await writeFile(source, module.sourceOf(await readFile(values.results, 'utf8')));
for (const { file, text } of module.pictures(await readFile(source, 'utf8'))) {
  const same = (await readFile(`${root}${file}`, 'utf8').catch(() => '')) === text;
  console.log(`${file}: ${same ? 'as it is drawn now' : values.check ? 'drawn otherwise now' : 'drawn'}`);
  if (same) continue;
  if (values.check) process.exitCode = 1;
  else await writeFile(`${root}${file}`, text);
}
console.log('docs/studies/figures: not drawn; each needs its study run again (docs/studies)');

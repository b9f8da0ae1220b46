// Takes the picture of the explorer that README shows, over the folder of `npm start`: npm run pictures:explorer
import { writeFile } from 'node:fs/promises';
import { runnerImport } from 'vite';
import { explore } from '../dist/server/explore.js';

const root = new URL('../', import.meta.url).pathname;
const folder = process.argv[2] ?? `${root}runs/layer-0-anomaly`;
const to = `${root}docs/images/explorer.png`;
const shows =
  'group=layer1.equals&filter=rate>=0.005&cut=0.5&sort=cosine:down&feature=713@layer1.equals.seed42';

const { module } = await runnerImport(`${root}tests/browser/chromium.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
if (!module.chromiumPath) throw new Error(module.withoutChromium);
const explorer = await explore(folder);
const browser = await module.launch();
try {
  const page = await (
    await browser.newContext({ viewport: { width: 1280, height: 1000 }, colorScheme: 'light' })
  ).newPage();
  await page.goto(`${explorer.url}#${shows}`);
  await page.locator('.partners li').nth(3).waitFor();
  // What the weights tell comes last.
  await page.locator('.partners li').first().getByText('encoders').waitFor();
  await page.locator('.grid tr:has(.open)').first().waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  // What was pressed last has a ring around it.
  await page.evaluate(() => document.activeElement?.blur());
  await writeFile(to, await page.screenshot({ fullPage: true }));
  console.log(to);
} finally {
  await browser.close();
  await explorer.close();
}

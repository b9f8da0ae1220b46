// What the explorer takes in a real browser, on 5 × 131,072 features and on the layer-0 study: npm run bench:explorer
//
//   node bench/explorer.mjs [FOLDER…]      default: runs/explorer-large, which is made where it is missing
//
// It prints the time to the first verdict and to a usable table, how long a step of a filter, a brush and the cut takes until it
// is painted, the longest frame of 1,000 scroll steps, and the memory of the page's process. Chromium as tests/browser finds it.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { runnerImport } from 'vite';
import { explore } from '../dist/server/explore.js';

const root = new URL('../', import.meta.url).pathname;
const large = 'runs/explorer-large';
const given = process.argv.slice(2);
if (given.length === 0 && !existsSync(`${root}${large}/results.json`)) {
  execFileSync(process.execPath, [`${root}bench/make-explorer-folder.mjs`, large], {
    cwd: root,
    stdio: 'inherit',
  });
}
const { module } = await runnerImport(`${root}tests/browser/chromium.ts`, {
  root,
  configFile: false,
  logLevel: 'error',
});
if (!module.chromiumPath) throw new Error(module.withoutChromium);

for (const folder of given.length > 0 ? given : [large]) await measure(folder);

async function measure(folder) {
  const explorer = await explore(folder);
  const browser = await module.launch();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    console.log(`\n${folder}`);
    const started = performance.now();
    await page.goto(explorer.url, { waitUntil: 'commit' });
    const verdict = page.waitForSelector('#verdict').then(() => performance.now() - started);
    const table = page.waitForFunction(hasRows).then(() => performance.now() - started);
    print('first verdict', await verdict);
    print('table usable', await table);
    print('process, resident then', residentBytes() / 1e6, 'MB');
    await page.waitForFunction(() => document.querySelectorAll('.grid thead th').length > 14, undefined, {
      timeout: 120_000,
    });
    print('all columns read', performance.now() - started);
    await page.evaluate(`(${installSteps})()`);
    const filters = Array.from(
      { length: 40 },
      (_, i) => `cosine<${(0.3 + i / 100).toFixed(2)} rate>1e-3 partner:none`,
    );
    spread('filter, 3 conditions', await page.evaluate((all) => window.steps.filters(all), filters));
    await page.evaluate(() => window.steps.filters(['']));
    spread(
      'cut, dragged',
      await dragged(page, '.panel-threshold svg', (x, i) => [0.7 * x.width + 4 * i, 0.5 * x.height], 40),
    );
    await page.evaluate(() => window.steps.filters(['partner:none']));
    spread('cut, dragged under a filter by it', await dragged(page, '.panel-threshold svg', undefined, 40));
    await page.evaluate(() => window.steps.filters(['']));
    spread(
      'brush on the density',
      await dragged(
        page,
        '.panel-density svg',
        (x, i) => [0.4 * x.width + 3 * i, 0.3 * x.height + 2 * i],
        40,
      ),
    );
    await page.evaluate(() => window.steps.filters(['']));
    const frames = await page.evaluate(() => window.steps.scroll(1000));
    spread('frame while scrolling, 1,000 steps', frames);
    print('  the longest', Math.max(...frames));
    print('process, resident at the end', residentBytes() / 1e6, 'MB');
    print('process, at its peak', residentBytes('VmHWM') / 1e6, 'MB');
  } finally {
    await browser.close();
    await explorer.close();
  }
}

function hasRows() {
  const cell = document.querySelector('.grid tbody td');
  return cell !== null && cell.getAttribute('aria-busy') === 'false';
}

/** Steps of the mouse, each until the page has painted what it gives. */
async function dragged(page, selector, at, n) {
  const box = await page.locator(selector).evaluate((element) => {
    element.scrollIntoView({ block: 'center' });
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  });
  const handle = await page.locator('.cut .grip').evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  });
  const from = at && selector.includes('density') ? at(box, 0) : [handle.x - box.x, handle.y - box.y];
  const place = (i) => (selector.includes('density') ? at(box, i) : [from[0] - 3 * i, from[1]]);
  await page.mouse.move(box.x + from[0], box.y + from[1]);
  await page.mouse.down();
  const times = [];
  for (let i = 2; i < n + 2; i++) {
    const [x, y] = place(i);
    await page.evaluate(() => window.steps.arm());
    await page.mouse.move(box.x + x, box.y + y);
    times.push(await page.evaluate(() => window.steps.done()));
  }
  await page.mouse.up();
  return times;
}

/** Runs in the page. */
function installSteps() {
  const shown = () => document.querySelector('[data-shown]')?.dataset.shown;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let pending;
  window.steps = {
    async filters(all) {
      const input = document.getElementById('filter');
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
      const times = [];
      for (const text of all) {
        if (shown()?.startsWith(`${text} @`)) continue;
        const start = performance.now();
        set.call(input, text);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        while (!shown()?.startsWith(`${text} @`)) await frame();
        await frame();
        times.push(performance.now() - start);
      }
      return times;
    },
    /** From the next event of the mouse to the frame after what it gives. */
    arm() {
      const before = shown();
      pending = new Promise((resolve) => {
        addEventListener(
          'pointermove',
          async ({ timeStamp }) => {
            while (shown() === before) await frame();
            await frame();
            resolve(performance.now() - timeStamp);
          },
          { once: true, capture: true },
        );
      });
    },
    done: () => pending,
    async scroll(n) {
      const scroller = document.querySelector('.grid table').parentElement.parentElement.parentElement;
      const most = scroller.scrollHeight - scroller.clientHeight;
      const times = [];
      let last = await frame();
      for (let i = 1; i <= n; i++) {
        // Some rows on, as with a wheel, and now and then far away, as with the bar.
        scroller.scrollTop = i % 50 === 0 ? (most * ((i * 37) % 1000)) / 1000 : scroller.scrollTop + 120;
        const now = await frame();
        times.push(now - last);
        last = now;
      }
      return times;
    },
  };
}

/** Of the process of the page, which is the largest of the browser's. @param field of /proc/…/status */
function residentBytes(field = 'VmRSS') {
  let most = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const [, kilobytes] =
        new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      most = Math.max(most, 1024 * Number(kilobytes ?? 0));
    } catch {
      // It has ended meanwhile.
    }
  }
  return most;
}

function print(name, value, unit = 'ms') {
  console.log(`  ${name.padEnd(38)} ${value.toFixed(0).padStart(7)} ${unit}`);
}

/** Median and 95th percentile. */
function spread(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0).padStart(4);
  console.log(`  ${name.padEnd(38)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms`);
}

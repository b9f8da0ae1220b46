// What the explorer takes in a real browser, on 5 × 131,072 features and on the layer-0 study: npm run bench:explorer
//
//   node bench/explorer.mjs [FOLDER…]      default: runs/explorer-large, which is made where it is missing, and runs/layer-0-anomaly
//                                          where `npm start` has made it
//
// It prints the time to the first verdict and to a usable table, how long a step of a filter, a brush and the cut takes until it
// is painted, the longest frame of 1,000 scroll steps, and the memory of the page's process. Chromium as tests/browser finds it.
// Beside the time that a step takes stands the CPU time that the page's process, all threads of it, spends on one: where others
// keep the machine busy, that says more.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
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

const small = existsSync(`${root}runs/layer-0-anomaly/results.json`) ? ['runs/layer-0-anomaly'] : [];
for (const folder of given.length > 0 ? given : [large, ...small]) await measure(folder);

async function measure(folder) {
  const explorer = await explore(folder);
  const browser = await module.launch();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    console.log(`\n${folder}, load of the machine ${loadavg()[0].toFixed(1)}`);
    const started = performance.now();
    await page.goto(explorer.url, { waitUntil: 'commit' });
    const verdict = page.waitForSelector('#verdict').then(() => performance.now() - started);
    const table = page.waitForFunction(hasRows).then(() => performance.now() - started);
    print('first verdict', await verdict);
    print('table usable', await table);
    print('process, resident then', bytesOf(pageProcess(), 'VmRSS') / 1e6, 'MB');
    await page.waitForFunction(() => document.querySelector('[data-whole=true]'), undefined, {
      timeout: 120_000,
    });
    print('all columns read', performance.now() - started);
    await page.evaluate(`(${installSteps})()`);
    const filters = (all) => page.evaluate((texts) => window.steps.filters(texts), all);
    const narrower = Array.from(
      { length: 40 },
      (_, i) => `cosine<${(0.3 + i / 100).toFixed(2)} rate>1e-3 partner:none`,
    );
    await steps('filter, 3 conditions', () => filters(narrower));
    await filters(['']);
    await steps('cut, dragged', () =>
      dragged(page, '.cut .grip', (box, i) => [box.width / 2 - 3 * i, box.height / 2]),
    );
    await filters(['partner:none']);
    await steps('cut, dragged under a filter by it', () =>
      dragged(page, '.cut .grip', (box, i) => [box.width / 2 + 3 * i, box.height / 2]),
    );
    await filters(['']);
    await steps('brush on the density', () =>
      dragged(page, '.panel-density svg[role=img]', ({ width, height }, i) => [
        0.4 * width + 3 * i,
        0.3 * height + 2 * i,
      ]),
    );
    await filters(['']);
    await steps('frame, 1,000 steps of scrolling', () => page.evaluate(() => window.steps.scroll(1000)));
    print('process, resident at the end', bytesOf(pageProcess(), 'VmRSS') / 1e6, 'MB');
    print('process, at its peak', bytesOf(pageProcess(), 'VmHWM') / 1e6, 'MB');
  } finally {
    await browser.close();
    await explorer.close();
  }
}

function hasRows() {
  const cell = document.querySelector('.grid tbody td');
  return cell !== null && cell.getAttribute('aria-busy') === 'false';
}

/** 40 steps of the mouse, each until the page has painted what it gives. @param at where in the element, step by step */
async function dragged(page, selector, at) {
  const box = await page.locator(selector).evaluate((element) => {
    element.scrollIntoView({ block: 'center' });
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  });
  const move = (i) => {
    const [x, y] = at(box, i);
    return page.mouse.move(box.x + x, box.y + y);
  };
  await move(0);
  await page.mouse.down();
  const times = [];
  // The first pixels are not a drag yet.
  for (let i = 2; i < 42; i++) {
    await page.evaluate(() => window.steps.arm());
    await move(i);
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

/** The process of the page: the largest of the browser's. */
function pageProcess() {
  const found = readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const isPage = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
      return isPage ? [{ pid, bytes: bytesOf(pid, 'VmRSS') }] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
  return found.sort((a, b) => b.bytes - a.bytes)[0].pid;
}

/** @param field of /proc/…/status */
function bytesOf(pid, field) {
  return (
    1024 *
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  );
}

/** CPU time of all threads in ms; Linux counts it in hundredths of a second. */
function cpuOf(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return 10 * (Number(user) + Number(system));
}

/** Runs steps, and says what they took: median, 95th percentile, the longest, CPU time of one. */
async function steps(name, run) {
  const pid = pageProcess();
  const before = cpuOf(pid);
  const times = (await run()).sort((a, b) => a - b);
  const cpu = (cpuOf(pid) - before) / times.length;
  const at = (share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(0).padStart(4);
  console.log(
    `  ${name.padEnd(34)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  longest ${at(1)} ms  CPU ${cpu.toFixed(0)} ms`,
  );
}

function print(name, value, unit = 'ms') {
  console.log(`  ${name.padEnd(34)} ${value.toFixed(0).padStart(7)} ${unit}`);
}

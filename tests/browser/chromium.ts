// The browser that pages are tried in: Chromium as Debian has it, or what $CHROMIUM names. None is downloaded.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where there is none. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', ...places].find(
  (path) => path !== '' && existsSync(path),
);

/** What is said once where there is none. */
export const withoutChromium =
  'left out: no Chromium in /usr/bin (apt-get install chromium), and $CHROMIUM names none';

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath as string,
    args: ['--headless=new', '--no-sandbox', '--disable-gpu'],
  });
}

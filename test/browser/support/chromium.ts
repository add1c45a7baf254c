import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

const CANDIDATES = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** No call of its own: what leaves this browser is what the page asked for. */
const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const MISSING = 'needs Chromium: apt-get install chromium, or name one by CHROMIUM_PATH';

/** The browser of this machine; none is ever downloaded. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  return named ? named : CANDIDATES.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run
  }
}

/** A suite in a real browser: reported as skipped without one; with `CI=true` a failure. */
export function describeInBrowser(name: string, suite: (browser: () => Browser) => void): void {
  const executablePath = findChromium();
  const label = `${name} (${MISSING})`;
  if (executablePath === undefined) {
    if (process.env.CI !== 'true') describe.skip(label, () => it('is skipped', () => undefined));
    else
      it(label, () => {
        throw new Error(`There is no browser, and CI=true: this ${MISSING}.`);
      });
    return;
  }
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    });
    afterAll(() => browser?.close());
    suite(() => {
      if (!browser) throw new Error('The browser is not there before the tests begin.');
      return browser;
    });
  });
}

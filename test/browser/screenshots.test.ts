import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeInBrowser } from './support/chromium.ts';
import { ask, visitAs } from './support/visit.ts';

/** Kept by CI; the pictures of the guides come from here. */
const FOLDER = join(import.meta.dirname, '..', '..', 'dist', 'screenshots');
const WIDTHS = [390, 834, 1440] as const;
const HEIGHTS = { 390: 844, 834: 1112, 1440: 900 };

describeInBrowser('pictures of the page', browser => {
  describe.each(['light', 'dark'] as const)('in %s', colorScheme => {
    it.each(WIDTHS)('are taken %i pixels wide, where nothing is wider than the window', async width => {
      mkdirSync(FOLDER, { recursive: true });
      const { page, go, close } = await visitAs(browser(), 'ada', {
        ...{ colorScheme, viewport: { width, height: HEIGHTS[width] } },
      });
      const take = async (name: string) => {
        await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}-${width}.png`), animations: 'disabled' });
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${name} is too wide`).toBeLessThanOrEqual(0);
      };
      await page.getByRole('button', { name: 'Who keeps the key of the harbour gate?' }).waitFor();
      await take('start');
      await ask(page, 'What does a visiting boat pay for a mooring?');
      await take('answer');
      await page
        .locator('.answer')
        .getByRole('button', { name: /Source 1/ })
        .first()
        .click();
      await page.locator('.passage').getByText('Electricity').first().waitFor();
      await take('passage');
      await page.keyboard.press('Escape');
      await go('#/documents');
      await page.getByRole('row', { name: /Handbook/ }).waitFor();
      await take('documents');
      await go('#/admin');
      await page.getByText('By model').first().waitFor();
      await take('administration');
      await close();
    });
  });
});

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { ask, visit, visitAs } from './support/visit.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong, each with where. */
async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>('axe.run()');
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id} (${help}): ${target.join(' ')}`));
}

/** Routes beside the chat, and what each shows when it is there. */
const ROUTES = [
  ['#/documents', 'Handbook'],
  ['#/admin', 'Last 30 days'],
  ['#/admin/budgets', 'No limits are set'],
  ['#/admin/failures', 'What was given up'],
  ['#/admin/jobs', 'Start a job'],
  ['#/admin/keys', 'browser tests'],
  ['#/nowhere', en.shell.notFound],
] as const;

describeInBrowser('the page for everybody', browser => {
  describe.each(['light', 'dark'] as const)('in %s', colorScheme => {
    it('has nothing wrong for axe before the login', async () => {
      const { page, close } = await visit(browser(), { colorScheme });
      await page.getByRole('heading', { name: en.login.title }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await close();
    });

    it('has nothing wrong for axe in the chat: at its start, with an answer, a passage, a menu and feedback', async () => {
      const { page, close } = await visitAs(browser(), 'ada', { colorScheme });
      await page.getByRole('heading', { name: en.chat.greetingTo('Ada') }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await ask(page, 'What does electricity cost at a mooring?');
      expect(await violationsOn(page)).toEqual([]);
      await page
        .locator('.answer')
        .getByRole('button', { name: /Source 1/ })
        .first()
        .click();
      await page.locator('.passage').getByText('A visiting boat pays').first().waitFor(); // what stands around the quote
      expect(await violationsOn(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: en.chat.good, exact: true }).click();
      await page.getByRole('form', { name: en.chat.feedback }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await page.getByRole('button', { name: en.shell.account }).first().click();
      await page.getByRole('menu').waitFor();
      expect(await violationsOn(page)).toEqual([]);
      await close();
    });

    it('has nothing wrong for axe anywhere else', async () => {
      const { page, go, close } = await visitAs(browser(), 'ada', { colorScheme });
      const wrong: Record<string, string[]> = {};
      for (const [route, shown] of ROUTES) {
        await go(route);
        await page.getByText(shown).first().waitFor();
        wrong[route] = await violationsOn(page);
      }
      expect(wrong).toEqual(Object.fromEntries(ROUTES.map(([route]) => [route, []])));
      await close();
    });
  });
});

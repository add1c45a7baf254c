import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { madeUpUsers } from '../../cli/made-up-users.ts';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { answerTo, expectInnocent, visit } from './support/visit.ts';

const { chat, login } = en;

/** Presses Tab until what has the focus has this name. @throws Error when it never does */
async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press(key);
    const focused = await page.evaluate<string>(
      `(e => [e.getAttribute('aria-label'), e.labels?.[0]?.innerText, e.innerText].filter(Boolean).join(' '))(document.activeElement)`,
    );
    if (name.test(focused)) return;
    passed.push(focused);
  }
  throw new Error(`${name} is not reached with ${key}, but: ${passed.join(' | ')}`);
}

describeInBrowser('with the keyboard alone', browser => {
  it('one logs in, asks, follows a citation, comes back, rates, and deletes the conversation', async () => {
    const visited = await visit(browser());
    const { page } = visited;
    const press = (key: string) => page.keyboard.press(key);
    await page.getByRole('button', { name: login.signIn }).waitFor();
    await tabTo(page, new RegExp(login.signIn));
    await press('Enter');
    await page.getByLabel('Username').waitFor();
    const ben = madeUpUsers.find(({ username }) => username === 'ben');
    await page.keyboard.type('ben');
    await press('Tab');
    await page.keyboard.type(ben?.password ?? '');
    await press('Enter');

    // The field has the focus when the page opens.
    const field = page.getByLabel(chat.question, { exact: true });
    await field.waitFor();
    await expect.poll(() => field.evaluate(element => element.matches(':focus'))).toBe(true);
    await page.keyboard.type('What does electricity cost at the desk?');
    await press('Enter');
    expect(await answerTo(page, 'What does electricity cost at the desk?')).toContain('6 euros');

    await tabTo(page, /Source 1/, 'Shift+Tab');
    await press('Enter');
    const quote = page.locator('mark').first();
    await quote.waitFor();
    await press('Escape');
    await quote.waitFor({ state: 'detached' });
    expect(await page.evaluate<string>('document.activeElement.innerText')).not.toBe(''); // the focus is back

    await tabTo(page, new RegExp(`^${chat.good}`));
    await press('Enter');
    await page.getByRole('button', { name: chat.good, exact: true, pressed: true }).waitFor();

    await tabTo(page, /Do something with/, 'Shift+Tab');
    await press('Enter');
    await page.getByRole('menuitem', { name: chat.remove }).waitFor();
    await press('End');
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, new RegExp(`^${en.common.delete}$`));
    await press('Enter');
    await page.getByText(chat.removed).waitFor();
    expectInnocent(visited);
    await visited.close();
  });
});

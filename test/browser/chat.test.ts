import { afterEach, expect, it } from 'vitest';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { answerTo, ask, expectInnocent, site, type UserName, type Visit, visit, visitAs } from './support/visit.ts';

const { chat, common, login, shell } = en;
const QUESTION = 'What does a visiting boat pay for a mooring?';

describeInBrowser('the chat', browser => {
  let visited: Visit;
  const enter = async (name: UserName) => {
    visited = await visitAs(browser(), name);
    return visited.page;
  };
  afterEach(async () => {
    expectInnocent(visited);
    await visited.close();
  });

  it('is for those who log in', async () => {
    visited = await visit(browser());
    const { page } = visited;
    await page.getByRole('heading', { name: login.title }).waitFor();
    expect(await page.getByLabel(chat.question, { exact: true }).count()).toBe(0);
  });

  it('greets who logged in, with questions that the documents answer', async () => {
    const page = await enter('ada');
    await page.getByRole('heading', { name: chat.greetingTo('Ada') }).waitFor();
    await page.getByRole('button', { name: /Ada Okafor.*Administrator/ }).waitFor();
    expect(new URL(page.url()).search).toBe(''); // no code of the login is left in the address
    await page.getByRole('button', { name: 'Who keeps the key of the harbour gate?' }).click();
    expect(await answerTo(page, 'Who keeps the key of the harbour gate?')).toContain('harbour master');
  });

  it('shows the words of an answer as they come', async () => {
    const page = await enter('ben');
    await slowStream(400);
    await page.getByLabel(chat.question, { exact: true }).fill(QUESTION);
    await page.getByLabel(chat.question, { exact: true }).press('Enter');
    const words = page.locator('.answer .prose');
    await words.waitFor();
    const first = await words.innerText();
    await page.getByRole('button', { name: chat.stop, exact: true }).waitFor(); // it is still coming
    await slowStream(0);
    await page.getByRole('button', { name: chat.copyAnswer }).waitFor();
    const whole = await words.innerText();
    expect(whole.length).toBeGreaterThan(first.length);
    expect(whole).toContain('24 euros a night');
  });

  it('opens with each citation the passage, its quote highlighted', async () => {
    const page = await enter('ben');
    await ask(page, QUESTION);
    await page
      .locator('.answer')
      .getByRole('button', { name: /Source 1/ })
      .first()
      .click();
    const panel = page.getByRole('dialog').or(page.getByRole('complementary'));
    expect(await panel.locator('mark').first().innerText()).toContain('24 euros a night');
    await panel.getByText('Electricity costs 6 euros').waitFor(); // what stands around the quote
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('takes feedback with reasons, and keeps it', async () => {
    const page = await enter('ben');
    await ask(page, QUESTION);
    await page.getByRole('button', { name: chat.bad, exact: true }).click();
    await page.getByRole('checkbox', { name: chat.reasons.incomplete }).check({ force: true });
    await page.getByLabel(chat.comment).fill('Children pay less.');
    await page.getByRole('form', { name: chat.feedback }).getByRole('button', { name: chat.sendFeedback }).click();
    await page.getByText(chat.thanks).waitFor();
    await page.reload();
    await page.getByRole('button', { name: chat.bad, exact: true, pressed: true }).waitFor();
  });

  it('keeps conversations, which can be named and deleted', async () => {
    const page = await enter('ben');
    await ask(page, 'How many days of holiday do employees have?');
    await page.waitForURL(/#\/c\/\w+/);
    const head = page.locator('.chat__head');
    await head.getByRole('button').click();
    await page.getByRole('menuitem', { name: chat.rename }).click();
    await page.getByLabel(chat.title).fill('Holidays of the office');
    await page.getByRole('button', { name: common.save }).click();
    await head.getByRole('heading', { name: 'Holidays of the office' }).waitFor();
    await page.reload();
    const kept = page.getByRole('navigation', { name: chat.conversations }).getByText('Holidays of the office');
    await kept.waitFor();
    await answerTo(page, 'How many days of holiday do employees have?');
    await head.getByRole('button').click();
    await page.getByRole('menuitem', { name: chat.remove }).click();
    await page.getByRole('dialog').getByRole('button', { name: common.delete }).click();
    await page.getByText(chat.removed).waitFor();
    await kept.waitFor({ state: 'detached' });
  });

  it('keeps a draft when the page is loaded again', async () => {
    const page = await enter('ben');
    await page.getByLabel(chat.question, { exact: true }).fill('A question that is not yet');
    await page.reload();
    const field = page.getByLabel(chat.question, { exact: true });
    await field.waitFor();
    expect(await field.inputValue()).toBe('A question that is not yet');
  });

  it('shows a reader nothing of documents that are not for them', async () => {
    const asked = 'What will the new pier cost?';
    const page = await enter('ben');
    expect(await ask(page, asked)).not.toContain('3.4');
    await visited.close();
    expect(await ask(await enter('ada'), asked)).toContain('3.4 million euros');
  });

  it('shows another tenant nothing at all', async () => {
    const ada = await enter('ada');
    await ask(ada, QUESTION);
    await ada.waitForURL(/#\/c\/\w+/);
    const { hash } = new URL(ada.url());
    await visited.close();
    const page = await enter('tessa');
    await page.getByText(chat.noConversations).waitFor();
    expect(await page.getByRole('region', { name: chat.suggestions }).count()).toBe(0);
    expect(await ask(page, QUESTION)).not.toContain('24 euros');
    expect(await page.getByRole('button', { name: /Source 1/ }).count()).toBe(0);
    await visited.go(hash); // a conversation of somebody else
    await page.getByText(en.errors.notFound).waitFor();
    expect(await page.getByText('24 euros').count()).toBe(0);
  });

  it('offers a reader no documents and no administration', async () => {
    const page = await enter('ben');
    await page.getByRole('button', { name: /Ben Sato.*Reader/ }).waitFor();
    expect(await page.getByRole('link', { name: shell.administration }).count()).toBe(0);
  });

  it('speaks German to those whose browser does', async () => {
    visited = await visitAs(browser(), 'ben', { locale: 'de-DE' });
    const { page } = visited;
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('heading', { name: 'Hallo Ben' }).waitFor();
  });
});

/** Has the model pause before each piece; 0: not any more. */
async function slowStream(delayMs: number): Promise<void> {
  const { url } = site();
  const plan = delayMs === 0 ? {} : { streams: [{ fault: 'slow', delayMs }] };
  const response = await fetch(`${url}/_local/faults`, { method: 'PUT', body: JSON.stringify(plan) });
  expect(response.status).toBe(200);
}

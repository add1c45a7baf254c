import type { Route } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { answerTo, ask, site, type Visit, visitAs } from './support/visit.ts';

const { chat, common, errors, login, shell } = en;
const QUESTION = 'When does the desk open on Saturdays?';

describeInBrowser('what the page says when something is wrong', browser => {
  let visited: Visit;
  const enter = async () => {
    visited = await visitAs(browser(), 'ben');
    return visited.page;
  };
  const question = () => visited.page.getByLabel(chat.question, { exact: true });
  /** Answers calls of the API for a while. */
  const answerWith = (path: string, fulfil: Parameters<Route['fulfill']>[0]) =>
    visited.page.route(`${site().restUrl}${path}`, route =>
      route.request().method() === 'OPTIONS' ? route.continue() : route.fulfill(fulfil),
    );
  afterEach(async () => {
    expect(visited.noticed).toEqual({ foreign: [], violations: [], dialogs: [], errors: [] });
    await visited.close();
  });

  it('offline: tells so, keeps the question, and goes on when it is online again', async () => {
    const page = await enter();
    await visited.context.setOffline(true);
    await page.getByText(shell.offline).waitFor();
    await question().fill(QUESTION);
    await question().press('Enter');
    await page.getByText(errors.unreachable).waitFor();
    await visited.context.setOffline(false);
    await page.getByText(shell.offline).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: common.retry }).click();
    expect(await answerTo(page, QUESTION)).toContain('10:00');
  });

  it('throttled: tells when to try again, and then does', async () => {
    const page = await enter();
    const problem = { type: '/problems/throttled', title: 'Too many requests', status: 429, detail: 'Slower, please.' };
    await answerWith('chat', {
      status: 429,
      headers: { 'retry-after': '2', 'access-control-expose-headers': 'retry-after' },
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    });
    await question().fill(QUESTION);
    await question().press('Enter');
    await page.getByText(errors.throttled).waitFor();
    await page.unroute(`${site().restUrl}chat`);
    await page.getByRole('button', { name: common.retry, exact: true }).click();
    expect(await answerTo(page, QUESTION)).toContain('10:00');
  });

  it('a login that has expired: says so, and brings back what was written', async () => {
    const page = await enter();
    await question().fill('A question that outlives the login');
    await page.route(`${site().url}/_cognito/**/oauth2/token`, route =>
      route.fulfill({ status: 400, contentType: 'application/json', body: '{"error":"invalid_grant"}' }),
    );
    await answerWith('chat', { status: 401, contentType: 'application/problem+json', body: '{"status":401}' });
    await question().press('Enter');
    await page.getByText(login.expired).first().waitFor();
    await page.unroute(`${site().url}/_cognito/**/oauth2/token`);
    await page.unroute(`${site().restUrl}chat`);
    await page.getByRole('button', { name: login.again }).click();
    // The user pool may remember who logged in, and ask for nothing.
    await question().or(page.getByLabel('Password')).waitFor();
    if (await page.getByLabel('Password').isVisible()) {
      await page.getByLabel('Username').fill('ben');
      await page.getByLabel('Password').fill('Reads-documents-1');
      await page.getByRole('button', { name: 'Sign in' }).click();
    }
    await page.getByText('A question that outlives the login').first().waitFor();
  });

  it('no answer in the documents: says so, with the documents that come nearest', async () => {
    const page = await enter();
    const refused = await ask(page, 'Which colour do dragons on Mars prefer?');
    expect(refused).not.toBe('');
    expect(await page.getByRole('button', { name: /Source 1/ }).count()).toBe(0);
  });

  it('an unknown address: says so, and leads back', async () => {
    const page = await enter();
    await visited.go('#/nowhere');
    await page.getByText(shell.notFound).waitFor();
    await page.getByRole('link', { name: shell.toStart }).click();
    await question().waitFor();
  });
});

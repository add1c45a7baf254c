import { afterEach, expect, it } from 'vitest';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { injectedRooms } from './support/documents.ts';
import { answerTo, ask, expectInnocent, reportedViolations, site, type Visit, visitAs } from './support/visit.ts';

const { chat } = en;
/** Elements that act by being there. */
const ACTIVE =
  'img, iframe, object, embed, script, style, link, form[action], meta[http-equiv], base, [onerror], [onload], [ontoggle]';

describeInBrowser('documents that were written to act', browser => {
  let visited: Visit;
  const enter = async () => {
    visited = await visitAs(browser(), 'ben');
    return visited.page;
  };
  afterEach(async () => {
    expectInnocent(visited);
    await visited.close();
  });
  const activeIn = (area: string) =>
    visited.page
      .locator(area)
      .locator(ACTIVE)
      .evaluateAll(found => found.map(each => each.outerHTML));

  it('render nothing active, neither in the answer nor in the passage', async () => {
    const page = await enter();
    for (const { question, key } of injectedRooms) {
      await visited.go('#/');
      await ask(page, question);
      expect(await activeIn('main'), key).toEqual([]);
      const source = page.locator('.answer').getByRole('button', { name: /Source 1/ });
      if ((await source.count()) === 0) continue; // refused: then there is nothing else to see
      await source.first().click();
      await page.locator('mark').first().waitFor();
      expect(await activeIn('main, [role=dialog]'), key).toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('mark').first().waitFor({ state: 'detached' });
    }
  });

  it('render nothing active even when a model obeys and nobody cleans up', async () => {
    const page = await enter();
    for (const { question, key, obeyed } of injectedRooms) {
      await visited.go('#/');
      await page.route(`${site().restUrl}chat`, route =>
        route.request().method() === 'POST'
          ? route.fulfill({ contentType: 'text/event-stream', body: streamOf(obeyed) })
          : route.continue(),
      );
      await page.getByLabel(chat.question, { exact: true }).fill(question);
      await page.getByLabel(chat.question, { exact: true }).press('Enter');
      await answerTo(page, question);
      expect(await activeIn('main'), key).toEqual([]);
      const links = await page
        .locator('.answer a')
        .evaluateAll(found => found.map(link => link.getAttribute('href') ?? ''));
      expect(
        links.filter(href => !/^(?:https?:|mailto:|#)/.test(href)),
        key,
      ).toEqual([]);
      await page.unroute(`${site().restUrl}chat`);
      await page.reload();
    }
  });

  it('would be stopped by the policy of the page, which reports it', async () => {
    const page = await enter();
    expect(reportedViolations()).toBe(0); // of all that the tests in a browser did
    await page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: { body: { insertAdjacentHTML(where: string, html: string): void } };
      };
      document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/pixel" onerror="alert(1)">');
    });
    await expect.poll(reportedViolations, { timeout: 20_000 }).toBeGreaterThan(0);
    // The page tells it here by another way, which may take longer than the report.
    await expect.poll(() => visited.noticed.violations.join('\n')).toContain('img-src http://127.0.0.1:9');
    expect(visited.noticed.dialogs).toEqual([]);
    // What was tried is noticed here; nothing of it left the browser.
    for (const noticed of [visited.noticed.violations, visited.noticed.foreign]) noticed.length = 0;
  });
});

/** What POST /chat streams, with a model's text as it is. */
function streamOf(answer: string): string {
  const ids = {
    conversationId: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
    turnId: '01JZZZZZZZZZZZZZZZZZZZZZZY',
    parentTurnId: null,
  };
  const usage = { inputTokens: 1, outputTokens: 1, costUsd: 0 };
  const completed = { ...ids, answer, refused: false, grounded: true, citations: [], usage, latencyMs: 1 };
  const events: [string, object][] = [
    ['started', ids],
    ['sources', { sources: [] }],
    ...(answer.match(/.{1,40}/gs) ?? []).map((text): [string, object] => ['text-delta', { text }]),
    ['completed', completed],
  ];
  return events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
}

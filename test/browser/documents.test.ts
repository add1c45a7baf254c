import type { Page } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { en } from '../../web/strings/en.ts';
import { describeInBrowser } from './support/chromium.ts';
import { ask, expectInnocent, type UserName, type Visit, visitAs } from './support/visit.ts';

const { shell } = en;

describeInBrowser('the documents', browser => {
  let visited: Visit;
  const enter = async (name: UserName) => {
    visited = await visitAs(browser(), name);
    await visited.go('#/documents');
    await visited.page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
    return visited.page;
  };
  afterEach(async () => {
    expectInnocent(visited);
    await visited.close();
  });
  const rowOf = (page: Page, name: string | RegExp) => page.getByRole('row', { name });
  const uploads = (page: Page) => page.getByRole('region', { name: 'Uploads' });

  it('take a file, follow it until it is ready, and answers draw on it', async () => {
    const page = await enter('ada');
    await page.getByRole('button', { name: 'Add files' }).first().click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    const text = '# The lighthouse\n\nThe lighthouse keeper feeds two cats named Salt and Pepper.\n';
    await (await chooser).setFiles({ name: 'lighthouse.md', mimeType: 'text/markdown', buffer: Buffer.from(text) });
    await uploads(page).getByText('Ready').waitFor();
    await rowOf(page, /lighthouse/)
      .getByText('Ready')
      .waitFor();
    await visited.go('#/');
    expect(await ask(page, 'How are the cats of the lighthouse keeper named?')).toContain('Salt and Pepper');
  });

  it('take what is dropped on them, and tell why one failed', async () => {
    const page = await enter('ada');
    await page.evaluate(DROP_FILES);
    await uploads(page).getByText('2 of 2 done').waitFor();
    await rowOf(page, /tides/).getByText('Ready').waitFor();
    await rowOf(page, /broken/)
      .getByText('Failed')
      .waitFor();
    await rowOf(page, /broken/)
      .getByRole('button', { name: /Actions for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Try again' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('show what is in one, and who may read it', async () => {
    const page = await enter('ada');
    await rowOf(page, /Handbook/)
      .getByRole('link')
      .first()
      .click();
    await page.getByText('A visiting boat pays 24 euros a night').first().waitFor();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('row', { name: /answers/ }).waitFor();
    await page.getByRole('tab', { name: 'Access and attributes' }).click();
    await page.getByText('Only these groups').waitFor();
  });

  it('are deleted after a confirmation, and leave the answers', async () => {
    const page = await enter('ada');
    await page.evaluate(DROP_FOG);
    await rowOf(page, /fog/).getByText('Ready').waitFor();
    await rowOf(page, /fog/)
      .getByRole('button', { name: /Actions for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await rowOf(page, /fog/).waitFor({ state: 'detached' });
    await visited.go('#/');
    await expect
      .poll(() => ask(page, 'How often does the fog horn sound?'), { timeout: 30_000 })
      .not.toContain('ninety seconds');
  });

  it('are only shown to a reader, and only those that the reader may read', async () => {
    const page = await enter('ben');
    await rowOf(page, /Handbook/).waitFor();
    expect(await rowOf(page, /Plan of the leadership/).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Add files' }).count()).toBe(0);
    await rowOf(page, /Handbook/)
      .getByRole('button', { name: /Actions for/ })
      .click();
    await page.getByRole('menuitem', { name: 'Show' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Delete' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('link', { name: shell.administration }).count()).toBe(0);
  });

  it('of another tenant do not exist', async () => {
    const ada = await enter('ada');
    await rowOf(ada, /Handbook/)
      .getByRole('link')
      .first()
      .click();
    await ada.getByText('A visiting boat pays').first().waitFor();
    const { hash } = new URL(ada.url());
    await visited.close();
    const page = await enter('tessa');
    await page.getByText('No documents yet').waitFor();
    await visited.go(hash);
    await page
      .getByText(/is not there any more|does not exist/)
      .first()
      .waitFor();
    expect(await page.getByText('24 euros').count()).toBe(0);
  });
});

/** Drops files, as a person with a mouse would. Runs in the page. */
const dropping = (files: Readonly<Record<string, string>>) => `{
  const data = new DataTransfer();
  for (const [name, text] of Object.entries(${JSON.stringify(files)})) data.items.add(new File([text], name));
  for (const type of ['dragenter', 'dragover', 'drop'])
    document.querySelector('.drop-area').dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
}`;
const DROP_FILES = dropping({
  'tides.txt': 'High tide is at noon on Midsummer.',
  'broken.pdf': '%PDF-1.7 and nothing more',
});
const DROP_FOG = dropping({ 'fog.txt': 'The fog horn sounds every ninety seconds.' });

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { madeUpUsers } from '../../../cli/made-up-users.ts';
import { de } from '../../../web/strings/de.ts';
import { en, type Strings } from '../../../web/strings/en.ts';
import type { VisitedSite } from './site-setup.ts';

export type UserName = 'ada' | 'ben' | 'tessa';

/** What a page did that it must not do. */
interface Noticed {
  /** Requests to anywhere but the stack. */
  readonly foreign: string[];
  /** What the content security policy stopped. */
  readonly violations: string[];
  readonly dialogs: string[];
  /** Failures that nobody caught. */
  readonly errors: string[];
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly noticed: Noticed;
  /** Shows a route: `#/documents`. */
  go(hash: string): Promise<void>;
  close(): Promise<void>;
}

export function site(): VisitedSite {
  const found = inject('site');
  if (!found) throw new Error('The stack was not started.');
  return found;
}

/** Runs in the page. */
const NOTICE_VIOLATIONS = `addEventListener('securitypolicyviolation', event =>
  noticeViolation([event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber].join(' ')))`;

/** Opens the page in a profile of its own, in English unless `options` say otherwise. */
export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const { url, webUrl } = site();
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const noticed: Noticed = { foreign: [], violations: [], dialogs: [], errors: [] };
  context.on('request', request => {
    const address = request.url();
    if (!address.startsWith(`${url}/`) && !/^(?:data|blob):/.test(address)) noticed.foreign.push(address);
  });
  context.on('dialog', dialog => {
    noticed.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await context.exposeFunction('noticeViolation', (text: string) => noticed.violations.push(text));
  await context.addInitScript(NOTICE_VIOLATIONS);
  const page = await context.newPage();
  page.on('pageerror', error => noticed.errors.push(error.message));
  page.setDefaultTimeout(20_000);
  await page.goto(webUrl);
  return {
    ...{ context, page, noticed },
    go: async hash => {
      await page.goto(`${webUrl}${hash}`);
    },
    close: () => context.close(),
  };
}

/** Logs in through the user pool's own page. */
async function signIn(page: Page, name: UserName, { login }: Strings = en): Promise<void> {
  const user = madeUpUsers.find(({ username }) => username === name);
  if (!user) throw new Error(`There is no made-up user ${name}.`);
  await page.getByRole('button', { name: login.signIn }).click();
  await page.getByLabel('Username').fill(user.username);
  await page.getByLabel('Password').fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('main').waitFor();
  await page.getByRole('button', { name: login.signIn }).waitFor({ state: 'detached' });
}

export async function visitAs(browser: Browser, name: UserName, options: BrowserContextOptions = {}): Promise<Visit> {
  const visited = await visit(browser, options);
  await signIn(visited.page, name, options.locale?.startsWith('de') ? de : en);
  return visited;
}

/** Asks, and waits until the answer is whole. @returns its text */
export async function ask(page: Page, question: string): Promise<string> {
  await page.getByLabel(en.chat.question, { exact: true }).fill(question);
  await page.getByRole('button', { name: en.chat.send, exact: true }).click();
  return answerTo(page, question);
}

export async function answerTo(page: Page, question: string): Promise<string> {
  const turn = page.getByRole('article', { name: question }).last();
  await turn.getByRole('button', { name: en.chat.copyAnswer }).waitFor();
  return turn.locator('.answer').innerText();
}

/** Nothing foreign was asked, nothing was stopped, nobody was interrupted, and nothing failed. */
export function expectInnocent({ noticed }: Visit): void {
  expect(noticed).toEqual({ foreign: [], violations: [], dialogs: [], errors: [] });
}

/** How many violations browsers have reported to the stack so far. */
export function reportedViolations(): number {
  const { logs } = site();
  const files = readdirSync(logs).filter(name => name.endsWith('.log'));
  return files.flatMap(name => readFileSync(join(logs, name), 'utf8').match(/The page was kept from something/g) ?? [])
    .length;
}

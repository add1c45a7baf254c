import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../command-error.ts';
import type { Output } from '../output.ts';
import { openBrowser } from './browser.ts';
import { codeIn, type LoginServer, loginAddress, makePkce, type Tokens, tokensOfCode } from './oauth.ts';
import { awaitRedirect } from './redirect.ts';

/** Those of the callbacks that the app client of the command line has (`lib/identity.ts`). */
export const LOGIN_PORTS = [8976, 8977, 8978];
/** Nobody comes any more. */
const PATIENCE_MS = 10 * 60_000;

export interface SignInOptions {
  readonly output: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly opensBrowser: boolean;
  readonly ports?: readonly number[];
  /** Addresses pasted by the person, a line each. */
  readonly input?: NodeJS.ReadableStream;
}

/**
 * Has a person log in with the browser: one on this machine comes back by itself; from another the address that it ends
 * at is pasted.
 * @throws CommandError when the login is refused, or nobody comes
 */
export async function signIn(server: LoginServer, options: SignInOptions): Promise<Tokens> {
  const { output, env, opensBrowser, input = process.stdin, ports = LOGIN_PORTS } = options;
  const pkce = makePkce();
  const redirect = await awaitRedirect(ports);
  const lines = createInterface({ input });
  const pasted = new Promise<string>(resolve => lines.on('line', line => line.trim() && resolve(line.trim())));
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  try {
    const address = loginAddress(server, pkce, redirect.uri);
    const isOpen = opensBrowser && (await openBrowser(address, env));
    output.note(isOpen ? 'Log in with the browser that has opened. If none has:' : 'Log in with a browser, at:');
    output.note(`\n  ${address}\n`);
    output.note(
      `If the browser ends at a page that it cannot show (${redirect.uri}…), paste that page's address here.`,
    );
    const expired = delay(PATIENCE_MS, undefined, { signal }).then(() => {
      throw new CommandError('Nobody has logged in: begin again with groundwork login.');
    });
    const code = codeIn(await Promise.race([redirect.arrival, pasted, expired]), pkce);
    return await tokensOfCode(server, { code, verifier: pkce.verifier, redirect: redirect.uri }, options.signal);
  } finally {
    over.abort();
    lines.close();
    redirect.close();
  }
}

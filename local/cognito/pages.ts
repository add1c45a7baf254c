/** The hosted pages: plain HTML that needs no script. */
import { createHash } from 'node:crypto';
import { escapeXml } from '../wire.ts';
import type { MadeUpUser } from './model.ts';

export interface Page {
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** Where forms of the page lead in the end: browsers look at redirects too. */
  readonly formTarget?: string;
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; display: grid; justify-items: center; padding: 2rem 1rem; }
main { width: min(26rem, 100%); }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem; }
label { display: block; font-weight: 600; margin-top: .75rem; }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; border-radius: .4rem; }
input { border: 1px solid #767676; }
button { margin-top: 1rem; border: 0; background: #1a56b0; color: #fff; font-weight: 600; cursor: pointer; }
button:disabled { background: #6b7280; cursor: not-allowed; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
[role=alert] { border-left: .3rem solid #c62828; padding: .25rem .75rem; margin: 0 0 1rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid #8884; }
a { color: LinkText; }
`;
const styleHash = createHash('sha256').update(STYLE).digest('base64');

export function renderPage({ title, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

export function pageHeaders({ formTarget }: Page): Record<string, string> {
  const targets = formTarget === undefined ? "'self'" : `'self' ${sourceOf(formTarget)}`;
  const policy = [`style-src 'sha256-${styleHash}'`, `form-action ${targets}`, "frame-ancestors 'none'"];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': ["default-src 'none'", ...policy, "base-uri 'none'"].join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/** What a policy calls an address: its origin, or the scheme of one that has none. */
function sourceOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === 'null' ? protocol : origin;
}

export interface LoginPage {
  /** Where the form is sent: a path with its query. */
  readonly action: string;
  readonly csrf: string;
  readonly formTarget: string;
  readonly error?: string;
  readonly username?: string;
  readonly password?: string;
  readonly otherProviders: readonly string[];
  readonly madeUpUsers: readonly MadeUpUser[];
}

export function loginPage(page: LoginPage): Page {
  const { action, csrf, formTarget, error, username = '', password = '', otherProviders, madeUpUsers } = page;
  const providers = otherProviders.map(
    name => `<button type="button" disabled>Continue with ${escapeXml(name)} (not on the local cloud)</button>`,
  );
  const form = `<form method="post" action="${escapeXml(action)}">
${hidden('_csrf', csrf)}
${field({ name: 'username', label: 'Username', value: username, autocomplete: 'username', isFocused: username === '' })}
${field({ name: 'password', label: 'Password', value: password, autocomplete: 'current-password', type: 'password' })}
<button type="submit">Sign in</button>
</form>`;
  const body = [alert(error), form, ...providers, madeUp(madeUpUsers, action)].join('\n');
  return { title: 'Sign in', body, formTarget };
}

export interface NewPasswordPage {
  readonly action: string;
  readonly csrf: string;
  readonly formTarget: string;
  readonly challenge: string;
  readonly error?: string;
}

export function newPasswordPage({ action, csrf, formTarget, challenge, error }: NewPasswordPage): Page {
  const autocomplete = 'new-password';
  const body = `${alert(error)}
<p>Your password was only for the first time. Choose your own.</p>
<form method="post" action="${escapeXml(action)}">
${hidden('_csrf', csrf)}
${hidden('challenge', challenge)}
${field({ name: 'password', label: 'New password', type: 'password', autocomplete, isFocused: true })}
${field({ name: 'repeated', label: 'New password, once more', type: 'password', autocomplete })}
<button type="submit">Set password and sign in</button>
</form>`;
  return { title: 'Choose a password', body, formTarget };
}

export const refusalPage = (message: string): Page => ({
  title: 'This sign-in cannot go on',
  body: `${alert(message)}\n<p>Go back to the application and start again.</p>`,
});

const alert = (message: string | undefined) =>
  message === undefined ? '' : `<p role="alert">${escapeXml(message)}</p>`;

const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeXml(value)}">`;

interface Field {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly type?: 'text' | 'password';
  readonly value?: string;
  readonly isFocused?: boolean;
}
function field({ name, label, autocomplete, type = 'text', value = '', isFocused = false }: Field): string {
  const more = isFocused ? ' autofocus' : '';
  const attributes = `type="${type}" autocomplete="${autocomplete}" value="${escapeXml(value)}" required${more}`;
  return `<label for="${name}">${label}</label>\n<input id="${name}" name="${name}" ${attributes}>`;
}

/** Their passwords are shown: they are no secret, and nobody but this machine sees the page. */
function madeUp(users: readonly MadeUpUser[], action: string): string {
  if (users.length === 0) return '';
  const rows = users.map(({ username, password, name }) => {
    const fill = escapeXml(`${action}&fill=${encodeURIComponent(username)}`);
    const link = `<a href="${fill}">Fill in <span translate="no">${escapeXml(username)}</span></a>`;
    const cells = [escapeXml(name ?? username), `<code translate="no">${escapeXml(password)}</code>`, link];
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<h2>Made-up users of this machine</h2>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Password</th><th scope="col">Sign in as</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}

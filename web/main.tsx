import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { loadConfig, pageUrl } from './config.ts';
import { finishLogin, isLoginReply } from './identity/login.ts';
import { Session } from './identity/session.ts';
import { SignInPage } from './identity/sign-in-page.tsx';
import { preferredLanguage } from './preferences.ts';
import { LanguageProvider, loadStrings } from './strings/strings.tsx';

const element = document.getElementById('root');
if (!element) throw new Error('index.html has no root');
const root = createRoot(element);

const language = preferredLanguage();
document.documentElement.lang = language;
const [strings, config] = await Promise.all([
  loadStrings(language),
  loadConfig().catch(error => {
    console.error(error);
    return undefined;
  }),
]);

const view = await choose();
root.render(
  <StrictMode>
    <LanguageProvider language={language} strings={strings}>
      {view}
    </LanguageProvider>
  </StrictMode>,
);

async function choose() {
  if (!config) return <SignInPage trouble="unconfigured" />;
  const session = new Session(config, sessionStorage);
  const query = new URLSearchParams(location.search);
  if (isLoginReply(query)) {
    try {
      const { tokens, returnTo } = await finishLogin(config, sessionStorage, query, pageUrl(location));
      session.open(tokens);
      history.replaceState(null, '', pageUrl(location) + returnTo);
    } catch (error) {
      console.error(error);
      history.replaceState(null, '', pageUrl(location));
      if (!session.isOpen) return <SignInPage config={config} trouble="failed" />;
    }
  }
  return session.isOpen ? <App config={config} session={session} /> : <SignInPage config={config} />;
}

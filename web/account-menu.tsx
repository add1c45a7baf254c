import { useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { forgetDrafts } from './chat/drafts.ts';
import { Icon } from './components/icons.tsx';
import { ChoiceMenu } from './components/menu.tsx';
import { pageUrl } from './config.ts';
import { forgetUploads } from './documents/stored-uploads.ts';
import { logoutUrl } from './identity/login.ts';
import { chooseTheme, type Language, storedTheme, type Theme } from './preferences.ts';
import { useServices } from './services.tsx';
import { useLanguage, useStrings } from './strings/strings.tsx';

const LANGUAGES = [
  { id: 'en', label: 'English' },
  { id: 'de', label: 'Deutsch' },
];

/** Who is logged in, how the page looks, and the way out. */
export function AccountMenu() {
  const { shell } = useStrings();
  const { config, session, me } = useServices();
  const { language, choose } = useLanguage();
  const [theme, setTheme] = useState(storedTheme);
  const name = me?.name ?? me?.userId;

  const signOut = async () => {
    forgetDrafts();
    forgetUploads();
    await session.close().catch(console.error); // the login page forgets the reader all the same
    location.assign(logoutUrl(config, pageUrl(location)));
  };
  const themes = Object.entries(shell.themes).map(([id, label]) => ({ id, label }));
  const sections = [
    {
      id: 'theme',
      title: shell.theme,
      chosen: theme,
      choices: themes,
      onChoose: (id: string) => {
        chooseTheme(id as Theme); // the ids are the keys of its strings
        setTheme(id as Theme);
      },
    },
    {
      id: 'language',
      title: shell.language,
      chosen: language,
      choices: LANGUAGES,
      onChoose: (id: string) => void choose(id as Language), // one of LANGUAGES
    },
  ];
  return (
    <ChoiceMenu
      label={shell.account}
      {...(name && { heading: shell.signedInAs(name) })}
      trigger={
        <Button className="account">
          <span className="account__face" aria-hidden="true">
            {name ? name.slice(0, 1).toUpperCase() : <Icon name="user" size={18} />}
          </span>
          <span className="account__words">
            <span className="account__name">{name ?? shell.account}</span>
            {me && <span className="account__role">{shell.roles[me.role]}</span>}
          </span>
          <Icon name="settings" size={18} />
          {name && <span className="visually-hidden">{shell.account}</span>}
        </Button>
      }
      sections={sections}
      entries={[{ id: 'sign-out', label: shell.signOut, onAction: () => void signOut() }]}
    />
  );
}

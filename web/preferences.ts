export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'de';

/** Read by theme.ts too, which may import nothing. */
const THEME = 'groundwork.theme';
const LANGUAGE = 'groundwork.language';

export function storedTheme(): Theme {
  const theme = localStorage.getItem(THEME);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(THEME);
    delete document.documentElement.dataset.theme;
    return;
  }
  localStorage.setItem(THEME, theme);
  document.documentElement.dataset.theme = theme;
}

/** What was chosen before, else the first of the browser's languages that the page speaks. */
export function preferredLanguage(): Language {
  const chosen = localStorage.getItem(LANGUAGE);
  return spoken([...(chosen ? [chosen] : []), ...navigator.languages]);
}

export function spoken(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split('-');
    if (language === 'en' || language === 'de') return language;
  }
  return 'en';
}

export const rememberLanguage = (language: Language): void => localStorage.setItem(LANGUAGE, language);

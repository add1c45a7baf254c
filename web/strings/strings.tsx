import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { type Language, rememberLanguage } from '../preferences.ts';
import type { Strings } from './en.ts';
import { type Formats, formatsOf } from './formats.ts';

interface Spoken {
  readonly language: Language;
  readonly strings: Strings;
  readonly formats: Formats;
  readonly choose: (language: Language) => Promise<void>;
}

const SpokenContext = createContext<Spoken | undefined>(undefined);

/** Each language is loaded when it is spoken. */
export async function loadStrings(language: Language): Promise<Strings> {
  if (language === 'de') return (await import('./de.ts')).de;
  return (await import('./en.ts')).en;
}

interface LanguageProviderProps {
  readonly language: Language;
  readonly strings: Strings;
  readonly children: ReactNode;
}

/** Gives the page its words, and React Aria its locale. */
export function LanguageProvider({ language: first, strings: firstStrings, children }: LanguageProviderProps) {
  const [{ language, strings }, setSpoken] = useState({ language: first, strings: firstStrings });
  const choose = useCallback(async (next: Language) => {
    const loaded = await loadStrings(next);
    rememberLanguage(next);
    document.documentElement.lang = next;
    setSpoken({ language: next, strings: loaded });
  }, []);
  const spoken = useMemo(
    () => ({ language, strings, formats: formatsOf(language), choose }),
    [language, strings, choose],
  );
  return (
    <I18nProvider locale={language === 'de' ? 'de-DE' : 'en-US'}>
      <SpokenContext value={spoken}>{children}</SpokenContext>
    </I18nProvider>
  );
}

function useSpoken(): Spoken {
  const spoken = useContext(SpokenContext);
  if (!spoken) throw new Error('LanguageProvider is missing');
  return spoken;
}

/** The words of the page in the language that is spoken. */
export const useStrings = (): Strings => useSpoken().strings;
/** Numbers, money, sizes and times as that language writes them. */
export const useFormats = (): Formats => useSpoken().formats;

export function useLanguage() {
  const { language, choose } = useSpoken();
  return { language, choose };
}

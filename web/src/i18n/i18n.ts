import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from './en';
import { detectLanguage, isLanguage, type Language } from './languages';

const STORAGE_KEY = 'playhead.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof en;
  }
}

const texts: Record<Language, () => Promise<{ default: Record<string, object> }>> = {
  en: () => import('./en'),
  'zh-CN': () => import('./zh-CN'),
  'zh-TW': () => import('./zh-TW'),
};

function chosen(): Language {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // Without storage, the browser's language it is.
  }
  return isLanguage(stored) ? stored : detectLanguage(navigator.languages);
}

async function addTexts(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'shell')) return;
  const { default: areas } = await texts[language]();
  for (const [area, resources] of Object.entries(areas)) i18next.addResourceBundle(language, area, resources);
}

/** Loads the texts of the reader's language, and only those. */
export async function startI18n(): Promise<void> {
  const language = chosen();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: 'shell',
    ns: [],
    resources: {},
    // React escapes all text itself.
    interpolation: { escapeValue: false },
    returnNull: false,
    // The types let no text be missing; should one be, it is seen in the console, where tests look.
    saveMissing: true,
    missingKeyHandler: (_languages, area, key) => console.error(`the text ${area}:${key} is missing`),
    react: { useSuspense: false },
  });
  await addTexts(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  await addTexts(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    // The choice then lasts as long as the page.
  }
}

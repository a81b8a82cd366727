/** The languages of the dashboard, each with its own name. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'zh-CN', name: '简体中文' },
  { code: 'zh-TW', name: '繁體中文' },
] as const;

export type Language = (typeof LANGUAGES)[number]['code'];

/** The dashboard's language for one that a browser asks for; null when it has none. */
export function languageFor(tag: string): Language | null {
  const [primary, ...rest] = tag.toLowerCase().split('-');
  if (primary === 'en') return 'en';
  if (primary !== 'zh') return null;
  if (rest.includes('hant')) return 'zh-TW';
  if (rest.includes('hans')) return 'zh-CN';
  return rest.some((part) => part === 'tw' || part === 'hk' || part === 'mo') ? 'zh-TW' : 'zh-CN';
}

/** The first of the reader's languages that the dashboard has; English when it has none of them. */
export function detectLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const language = languageFor(tag);
    if (language) return language;
  }
  return 'en';
}

export function isLanguage(value: string | null): value is Language {
  return LANGUAGES.some(({ code }) => code === value);
}

/**
 * The locale for numbers and dates: the reader's own variety of the language in which the page is (en-GB for an English
 * page), so that words and numbers go together.
 */
export function localeFor(
  language: string,
  tags: readonly string[] = typeof navigator === 'undefined' ? [] : navigator.languages,
): string {
  const own = tags.find((tag) => languageFor(tag) === language && tag.includes('-'));
  return own ?? language;
}

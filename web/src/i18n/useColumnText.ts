import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { columnText, type ColumnTexts } from './columnText';

/** Says what columns of the tables hold, and their types, in the reader's language. */
export function useColumnText(): (english: string) => string {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useCallback(
    (english) => {
      // The tables are defined in English: that language has no texts of its own.
      const texts = i18n.getResourceBundle(language, 'columns') as ColumnTexts | undefined;
      return (texts && columnText(english, texts)) ?? english;
    },
    [i18n, language],
  );
}

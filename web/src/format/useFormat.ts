import { useTranslation } from 'react-i18next';
import { localeFor } from '../i18n/languages';
import { useUsualZone } from '../time/readerZone';
import { formatFor, type Format } from './format';

/** Formats in the reader's locale, with times in a zone; in the reader's when none is named. */
export function useFormat(timeZone?: string): Format {
  const { i18n } = useTranslation();
  const usual = useUsualZone();
  return formatFor(localeFor(i18n.language), timeZone ?? usual);
}

import { useTranslation } from 'react-i18next';
import { localeFor } from '../i18n/languages';
import { browserZone } from '../time/zone';
import { formatFor, type Format } from './format';

/** Formats in the reader's locale, with times in a zone; in the browser's when none is named. */
export function useFormat(timeZone?: string): Format {
  const { i18n } = useTranslation();
  return formatFor(localeFor(i18n.language), timeZone ?? browserZone());
}

import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { faultText } from './faultText';

/** Says faults in the reader's language, as far as they are common; others stay in the server's words. */
export function useFaultText(): (message: string) => string {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  return useCallback(
    (message) => {
      const found = language === 'en' ? null : faultText(message);
      if (!found) return message;
      const text = t(`faults.${found.key}`, { ...found.values, defaultValue: message });
      return found.near === null ? text : t('faults.near', { text, near: found.near });
    },
    [t, language],
  );
}

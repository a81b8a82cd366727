import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { sayFault, type FaultTexts } from './faults/sayFault';

/** Says faults in the reader's language; what is not the server's own, such as words of the query engine, stays. */
export function useFaultText(): (message: string) => string {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useCallback(
    (message) => {
      // The server speaks English: that language has no texts of its own.
      const texts = i18n.getResourceBundle(language, 'faults') as FaultTexts | undefined;
      return (texts && sayFault(message, texts)) ?? message;
    },
    [i18n, language],
  );
}

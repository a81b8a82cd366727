import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import { columnText } from '../events/exactText';

/** Writes values of a session's columns in the reader's language. */
export function useColumnText(timeZone: string): (name: string, value: unknown) => string {
  const { t } = useTranslation('sessions');
  const format = useFormat(timeZone);
  const labels = useLabels();
  return useCallback(
    (name, value) => {
      if (name === 'diagnoses' && Array.isArray(value) && value.length > 0) {
        return value.map((item) => labels.diagnosis(String(item)).title).join(', ');
      }
      if ((name === 'close_reason' || name === 'source') && typeof value === 'string') return labels.value(value);
      return columnText(name, value, format, {
        yes: labels.value('yes'),
        no: labels.value('no'),
        items: (count) => t('events.items', { count }),
      });
    },
    [t, format, labels],
  );
}

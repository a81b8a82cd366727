import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { textForChart } from '../../components/text/clipText';
import { useLabels } from '../../i18n/useLabels';
import type { ScopeFilter } from '../scope';

const MOST_VALUES = 5;

/** A filter in the reader's words, for pictures, files and the names of lines. */
export function useConditionText(): (filter: ScopeFilter) => string {
  const { t } = useTranslation('filters');
  const labels = useLabels();
  return useCallback(
    ({ dimension, operator, values }) => {
      const named = values.slice(0, MOST_VALUES).map((one) => textForChart(String(one), 40)).join(', ');
      const more = values.length > MOST_VALUES ? ` ${t('more', { count: values.length - MOST_VALUES })}` : '';
      const words = [textForChart(labels.dimension(dimension)), labels.operator(operator, values[0])];
      return [...words, operator === 'exists' ? '' : `${named}${more}`].filter(Boolean).join(' ');
    },
    [labels, t],
  );
}

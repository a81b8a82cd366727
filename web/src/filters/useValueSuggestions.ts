import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanel, useQueryReport } from '../api/hooks';
import type { ComboboxOption } from '../components/controls/Combobox';
import { useFormat } from '../format/useFormat';
import { useCatalogue } from './reportContext';
import { dimensionNamed, METADATA_PREFIX } from './scopeFilters';
import { useScope } from './useScope';

const MOST = 200;

/** The most frequent values of a dimension within the range of the scope, with how many sessions have them. */
export function useValueSuggestions(dimension: string): ComboboxOption[] {
  const { t } = useTranslation('filters');
  const format = useFormat();
  const catalogue = useCatalogue();
  const { from, to, time_zone } = useScope();
  const canBreakDown = dimensionNamed(catalogue, dimension)?.can_break_down === true;
  const { data, isPlaceholderData } = useQueryReport(
    canBreakDown
      ? { from, to, time_zone, metrics: ['sessions'], dimensions: [dimension], order_by: ['-sessions'], limit: MOST }
      : null,
  );
  return useMemo(() => {
    if (!data || isPlaceholderData) return [];
    return data.rows.flatMap(([value, sessions]) =>
      value === null || value === undefined
        ? []
        : [
            {
              value: String(value),
              label: String(value),
              detail: t('sessionsCount', { count: Number(sessions), shown: format.compact(Number(sessions)) }),
            },
          ],
    );
  }, [data, isPlaceholderData, format, t]);
}

const MOST_KEYS = 50;

/** The keys of custom metadata that sessions of the scope's range have, as dimensions, with how many have each. */
export function useMetadataSuggestions(): ComboboxOption[] {
  const { t } = useTranslation('filters');
  const format = useFormat();
  const { from, to, time_zone } = useScope();
  const { data } = usePanel('metadata-keys', { from, to, time_zone, limit: MOST_KEYS });
  return useMemo(
    () =>
      (data?.keys ?? []).map(({ key, sessions }) => ({
        value: `${METADATA_PREFIX}${key}`,
        label: key,
        detail: t('sessionsCount', { count: sessions, shown: format.compact(sessions) }),
      })),
    [data, format, t],
  );
}

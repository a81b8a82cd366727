import { useTranslation } from 'react-i18next';
import type { ReportResponse } from '../../api/query';
import type { PanelQuery } from '../../components/layout/Panel';
import { appliedFilters, type Side, type SideName } from '../../filters/sides/sides';
import { useConditionText } from '../../filters/sides/useConditionText';

/** Both sides with the totals and the series of their metrics. */
export type BothSides = Record<SideName, Side & { report: PanelQuery & { data?: ReportResponse | undefined } }>;

/** Both queries as one, for the state of a panel: it waits for both, and fails with either. */
export function queryOfBoth({ a, b }: BothSides): PanelQuery {
  return {
    isPending: a.report.isPending || b.report.isPending,
    isPlaceholderData: a.report.isPlaceholderData === true || b.report.isPlaceholderData === true,
    error: a.report.error ?? b.report.error,
    data: a.report.data && b.report.data,
    refetch: () => [a, b].filter(({ report }) => report.error !== null).map(({ report }) => report.refetch?.()),
  };
}

/** The name of a side with its filters, for lines and files. */
export function useSideName(): (side: Side) => string {
  const { t } = useTranslation('sides');
  const conditionText = useConditionText();
  return (side) => {
    const applied = appliedFilters(side);
    return [t(`names.${side.name}`), ...(applied.length === 0 ? [t('all')] : applied.map(conditionText))].join(' · ');
  };
}

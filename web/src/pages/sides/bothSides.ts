import { useTranslation } from 'react-i18next';
import type { BoardPanel } from '../../api/kept';
import type { ReportResponse } from '../../api/query';
import type { PanelQuery } from '../../components/layout/Panel';
import { clipText } from '../../components/text/clipText';
import { apiFilter } from '../../filters/scopeFilters';
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

/** Both sides as the parameters of a panel of a board, under the names that the page gives them. */
export function keptSides({ a, b }: BothSides, sideName: (side: Side) => string): BoardPanel['parameters'] {
  // Within the bytes that a name may have, in whatever script.
  const named = (side: Side) => clipText(sideName(side).replace(/\p{Cc}/gu, ' '), 45);
  const kept = (side: Side) => ({ name: named(side), filters: appliedFilters(side).map(apiFilter) });
  return { a: kept(a), b: kept(b) };
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

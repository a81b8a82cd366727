import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import { totalOf } from '../../api/query';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { MoreRows } from '../../components/tables/MoreRows';
import { MOST_CSV_ROWS } from '../../components/tables/CsvButton';
import { DataTable } from '../../components/tables/DataTable';
import { SessionsLink } from '../../components/tables/SessionsLink';
import { textForChart } from '../../components/text/clipText';
import { DimensionField } from '../../filters/breakdown/DimensionField';
import { dimensionName } from '../../filters/breakdown/useDimensionColumns';
import { useCatalogue } from '../../filters/reportContext';
import { filterOfValue } from '../../filters/scopeFilters';
import { appliedFilters, fetchAllSides, fetchSides, type SideName, type SidesQuery, type SidesRow, type SidesRows } from '../../filters/sides/sides';
import { useChangeOwnParams, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import type { OverviewChoice } from '../overview/overviewChoice';
import { panelScope } from '../boards/panelRequest';
import { keptSides, useSideName, type BothSides } from './bothSides';
import styles from './Sides.module.css';
import { useNumberColumns } from './useNumberColumns';
import { valueColumn } from './valueColumn';

interface SidesBreakdownProps {
  both: BothSides;
  choice: OverviewChoice;
  scope: ReadyScope;
}

const MORE_ROWS = 40;

/** One metric by the values of a dimension, with the numbers of both sides. */
export function SidesBreakdown({ both, choice, scope }: SidesBreakdownProps): ReactNode {
  const { t } = useTranslation(['sides', 'overview']);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const change = useChangeOwnParams();
  const sideName = useSideName();
  const asked = askedOf(both, choice, scope);
  const by = asked.by;
  const query = useQuery<SidesRows & { by: string }, ApiError>({
    queryKey: ['sides', asked],
    queryFn: async ({ signal }) => ({ ...(await fetchSides(asked, catalogue, signal)), by }),
    placeholderData: keepPreviousData,
  });
  // The previous response, of another dimension, has no rows for this table.
  const answer = query.data?.by === by ? query.data : undefined;
  const title = t('byDimension', { metric: labels.metric(asked.metric), dimension: textForChart(labels.dimension(by)) });
  return (
    <Panel
      title={title}
      hint={t('bothHint')}
      query={{ ...query, isPending: query.isPending || (query.error === null && !answer) }}
      empty={answer?.rows.length === 0 && <EmptyState title={t('empty.title')} hint={t('empty.hint')} />}
      flush={answer !== undefined && answer.rows.length > 0}
      actions={
        <>
          <DimensionField label={t('overview:breakdown.by')} by={by} onChange={(next) => change({ by: next, order: null, rows: null })} />
          <AddToBoard
            panel={{
              title: labels.metric(asked.metric),
              kind: 'side_by_side',
              parameters: { metrics: [asked.metric], dimensions: [by], ...panelScope(scope), ...keptSides(both, sideName) },
            }}
          />
        </>
      }
    >
      {answer && (
        <Rows
          caption={title}
          rows={answer.rows}
          allRows={() => fetchAllSides({ ...asked, rows: MOST_CSV_ROWS }, catalogue)}
          {...{ both, by, metric: asked.metric }}
        />
      )}
      {answer && (
        <MoreRows shown={answer.rows.length} all={answer.count} onMore={() => change({ rows: String(choice.rows + MORE_ROWS) })} />
      )}
    </Panel>
  );
}

function askedOf({ a, b }: BothSides, choice: OverviewChoice, scope: ReadyScope): SidesQuery {
  const { from, to, time_zone, segment } = scope;
  return {
    metric: choice.shown,
    by: choice.by[0] ?? 'channel',
    rows: choice.rows,
    base: { from, to, time_zone, segment },
    filters: { page: scope.filters, a: a.scope.filters, b: b.scope.filters },
  };
}

interface RowsProps {
  caption: string;
  rows: readonly SidesRow[];
  allRows: () => Promise<SidesRow[]>;
  both: BothSides;
  by: string;
  metric: string;
}

function Rows({ caption, rows, allRows, both, by, metric }: RowsProps): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat();
  const catalogue = useCatalogue();
  const sessionsHref = useSessionsHref();
  const sessions = useCallback(
    (row: SidesRow, side: SideName) => {
      const href = sessionsHref({ filters: [...appliedFilters(both[side]), filterOfValue(by, row.value)] });
      return { href, count: metric === 'sessions' ? row[side] : null };
    },
    [both, by, metric, sessionsHref],
  );
  const metricOf = useCallback(() => metric, [metric]);
  const numbers = useNumberColumns<SidesRow>({ both, metric: metricOf, value: numberOn, sessions });
  const columns = useMemo(
    () => [valueColumn(dimensionName(by, labels), t('breakdown.none')), ...numbers],
    [by, labels, numbers, t],
  );
  const unit = catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count';
  const total = (side: SideName) => {
    const value = totalOf(both[side].report.data, metric);
    const link = { href: sessionsHref({ filters: appliedFilters(both[side]) }), count: metric === 'sessions' ? value : null };
    return (
      <span className={styles.number}>
        {format.unit(value, unit, metric)}
        <SessionsLink {...link} />
      </span>
    );
  };
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={rows}
      allRows={allRows}
      rowKey={({ value }, place) => `${place} ${String(value).slice(0, 80)}`}
      footer={{ value: t('breakdown.total'), a: total('a'), b: total('b') }}
    />
  );
}

const numberOn = (row: SidesRow, side: SideName): number | null => row[side];

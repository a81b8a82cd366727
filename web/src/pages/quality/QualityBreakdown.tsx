import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useQueryReport } from '../../api/hooks';
import type { BoardPanel } from '../../api/kept';
import { columnIndex, numberOf, otherNames, textOf, type Cell, type ReportQuery, type ReportResponse } from '../../api/query';
import { allRowsOf } from '../../api/wholeTables';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { MoreRows } from '../../components/tables/MoreRows';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { HostileText } from '../../components/text/HostileText';
import { NamedId } from '../../components/text/NamedId';
import { DimensionField } from '../../filters/breakdown/DimensionField';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { useCatalogue } from '../../filters/reportContext';
import { filterOfValue } from '../../filters/scopeFilters';
import { queryScope, useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import { METRICS, MORE_ROWS, readBreakdown, type QualityBreakdownChoice } from './breakdownChoice';

/** Startup, rebuffering, errors and the score by any dimension of sessions; a value leads to its sessions. */
export function QualityBreakdown({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation(['quality', 'overview']);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => readBreakdown(params, catalogue), [params, catalogue]);
  const request = { metrics: [...METRICS], dimensions: [choice.by], order_by: [choice.order], limit: choice.rows };
  const reportQuery: ReportQuery = { ...queryScope(scope), ...request, ...(choice.namedBy ? { names: true } : {}) };
  const report = useQueryReport(reportQuery);
  // The previous response, of another dimension, has no rows for this table.
  const isOfChoice = report.data?.columns[0]?.name === choice.by;
  const answer = isOfChoice ? report.data : undefined;
  const title = t('breakdown.title', { dimension: labels.dimension(choice.by) });
  const boardPanel: BoardPanel = { title, kind: 'breakdown', parameters: { ...request, ...panelScope(scope) } };
  const hasRows = answer !== undefined && answer.rows.length > 0;
  return (
    <Panel
      title={title}
      hint={t('breakdown.hint')}
      query={{ ...report, isPending: report.isPending || (report.error === null && !isOfChoice) }}
      empty={answer !== undefined && !hasRows && <EmptyState icon="quality" title={t('empty.title')} hint={t('empty.hint')} />}
      flush={hasRows}
      actions={
        <>
          <DimensionField label={t('overview:breakdown.by')} by={choice.by} onChange={(by) => change({ by, order: null, rows: null })} />
          {hasRows && <AddToBoard panel={boardPanel} />}
        </>
      }
    >
      {answer && <BreakdownTable caption={title} answer={answer} choice={choice} scope={scope} allRows={() => allRowsOf(reportQuery)} />}
      {answer && (
        <MoreRows shown={answer.rows.length} all={answer.row_count_total} onMore={() => change({ rows: String(choice.rows + MORE_ROWS) })} />
      )}
    </Panel>
  );
}

interface BreakdownTableProps {
  caption: string;
  answer: ReportResponse;
  choice: QualityBreakdownChoice;
  scope: ReadyScope;
  allRows: () => Promise<Cell[][]>;
}

function BreakdownTable({ caption, answer, choice, scope, allRows }: BreakdownTableProps): ReactNode {
  const { t } = useTranslation('quality');
  const labels = useLabels();
  const change = useChangeOwnParams();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const metrics = useMetricColumns(answer, METRICS, { minWidth: 96 });
  // The names are in order, as they are what is seen.
  const first = choice.namedBy ?? choice.by;
  const footer = useTotalCells(answer, METRICS, { key: first, label: t('breakdown.total') });
  const columns = useMemo<Column<Cell[]>[]>(() => {
    const missing = t('errors.withoutValue');
    const others = otherNames(answer, choice.by);
    const shown = (row: Cell[]) => {
      const id = textOf(row[0]);
      if (choice.namedBy) return <NamedId id={id} name={textOf(row[1])} others={others.get(id ?? '')} missing={missing} />;
      return <HostileText text={wordOf(row[0], labels.value)} max={80} quotesBlank missing={missing} />;
    };
    const value: Column<Cell[]> = {
      key: first,
      label: labels.dimension(choice.by),
      value: (row) => wordOf(row[choice.namedBy ? 1 : 0], String),
      // A name with its id, where the two stand in one cell.
      ...(choice.namedBy ? { csv: (row) => [row[1], row[0]].map(textOf).filter((text) => text !== null).join(' · ') } : {}),
      cell: shown,
      grows: true,
      minWidth: 180,
    };
    return [value, ...metrics];
  }, [answer, choice, first, metrics, labels, t]);
  const sessions = columnIndex(answer, 'sessions');
  const filterOf = (row: Cell[]) => filterOfValue(choice.by, row[0] ?? null);
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      sort={sortOf(choice.order)}
      onSort={(sort) => change({ order: orderOf(sort) })}
      rowHref={(row) => href('/quality', { filters: [...scope.scope.filters, filterOf(row)] }, { by: choice.by })}
      rowSessions={(row) => ({ href: sessionsHref({ filters: [filterOf(row)], order: 'qoe_score' }), count: numberOf(row[sessions]) })}
      allRows={allRows}
      footer={footer}
      maxHeight={520}
    />
  );
}

/** A value as it is read; null for none. */
function wordOf(value: Cell | undefined, label: (word: string) => string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return label(value ? 'yes' : 'no');
  return label(String(value));
}

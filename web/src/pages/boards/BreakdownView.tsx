import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import type { Cell, ReportResponse } from '../../api/query';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from './BoardPanelView';
import { panelQuery } from './panelRequest';

const USUAL_ROWS = 20;

/** Metrics by the values of one dimension. */
export function BreakdownView({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const query = { limit: USUAL_ROWS, ...panelQuery(parameters, scope) };
  const dimension = query.dimensions?.[0] ?? '';
  const report = useQueryReport(query);
  const hasRows = (report.data?.rows.length ?? 0) > 0;
  return (
    <Panel
      title={title}
      hint={labels.dimension(dimension)}
      query={report}
      empty={report.data && !hasRows && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      flush={hasRows}
      actions={actions}
    >
      {report.data && <Rows caption={label} answer={report.data} dimension={dimension} metrics={query.metrics} />}
    </Panel>
  );
}

interface RowsProps {
  caption: string;
  answer: ReportResponse;
  dimension: string;
  metrics: readonly string[];
}

function Rows({ caption, answer, dimension, metrics }: RowsProps): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const metricColumns = useMetricColumns(answer, metrics, { minWidth: 112 });
  const footer = useTotalCells(answer, metrics, { key: dimension, label: t('breakdown.total') });
  const columns = useMemo<Column<Cell[]>[]>(
    () => [
      {
        key: dimension,
        label: labels.dimension(dimension),
        cell: ([value = null]) => <HostileText text={textOf(value)} max={80} missing={t('breakdown.none')} />,
        grows: true,
        minWidth: 180,
      },
      ...metricColumns,
    ],
    [dimension, metricColumns, labels, t],
  );
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      footer={footer}
    />
  );
}

function textOf(value: Cell): string | null {
  return value === null || value === '' ? null : String(value);
}

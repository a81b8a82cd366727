import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import type { ReportResponse } from '../../api/query';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { DataTable } from '../../components/tables/DataTable';
import { textForChart } from '../../components/text/clipText';
import { useDimensionColumns } from '../../filters/breakdown/useDimensionColumns';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from './BoardPanelView';
import { panelQuery } from './panelRequest';

const USUAL_ROWS = 20;

/** Metrics by the values of up to three dimensions. */
export function BreakdownView({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const query = { limit: USUAL_ROWS, ...panelQuery(parameters, scope) };
  const by = query.dimensions ?? [];
  const report = useQueryReport(query);
  const hasRows = (report.data?.rows.length ?? 0) > 0;
  return (
    <Panel
      title={title}
      hint={by.map((name) => textForChart(labels.dimension(name))).join(' · ')}
      query={report}
      empty={report.data && !hasRows && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      flush={hasRows}
      actions={actions}
    >
      {report.data && <Rows caption={label} answer={report.data} by={by} metrics={query.metrics} />}
    </Panel>
  );
}

interface RowsProps {
  caption: string;
  answer: ReportResponse;
  by: readonly string[];
  metrics: readonly string[];
}

function Rows({ caption, answer, by, metrics }: RowsProps): ReactNode {
  const { t } = useTranslation('overview');
  const dimensionColumns = useDimensionColumns(answer, by);
  const metricColumns = useMetricColumns(answer, metrics, { minWidth: 112 });
  const columns = useMemo(() => [...dimensionColumns, ...metricColumns], [dimensionColumns, metricColumns]);
  const footer = useTotalCells(answer, metrics, { key: columns[0]?.key ?? '', label: t('breakdown.total') });
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

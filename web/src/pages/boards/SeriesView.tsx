import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import { columnIndex, numberOf, type ReportResponse } from '../../api/query';
import { TimeSeriesChart, type TimePoint, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { useCatalogue } from '../../filters/reportContext';
import { granularityFor, momentsOf, rangeBetween } from '../../filters/scopeRange';
import { useChangeScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from './BoardPanelView';
import { panelQuery } from './panelRequest';

const CHART_HEIGHT = 260;

/** One metric over time, beside the period before. */
export function SeriesView({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation(['kept', 'overview']);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const changeScope = useChangeScope();
  const zone = scope.time_zone;
  const granularity = granularityFor(scope, zone);
  const query = { ...panelQuery(parameters, scope), granularity };
  const metric = query.metrics[0] ?? '';
  const report = useQueryReport(query);
  const before = useQueryReport(
    scope.previous && report.data ? { ...panelQuery(parameters, scope, scope.previous), granularity } : null,
  );
  const former = scope.previous ? before.data : undefined;
  const name = labels.metric(metric);

  const series = useMemo<TimeSeriesLine[]>(() => {
    const lines: TimeSeriesLine[] = [{ key: 'now', name, points: pointsOf(report.data, metric), kind: 'area' }];
    if (former && scope.previous) {
      const shiftMs = momentsOf(scope, zone).fromMs - momentsOf(scope.previous, zone).fromMs;
      const points = pointsOf(former, metric);
      lines.push({ key: 'before', name: t('overview:before'), points, isCompared: true, shiftMs, color: 0 });
    }
    return lines;
  }, [report.data, former, metric, name, scope, zone, t]);

  return (
    <Panel
      title={title}
      hint={name}
      query={report}
      loadingHeight={CHART_HEIGHT}
      empty={report.data?.rows.length === 0 && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      actions={actions}
    >
      <TimeSeriesChart
        label={label}
        unit={catalogue.metrics.find((entry) => entry.name === metric)?.unit ?? 'count'}
        metric={metric}
        timeZone={zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, granularity) })}
      />
    </Panel>
  );
}

function pointsOf(answer: ReportResponse | undefined, metric: string): TimePoint[] {
  if (!answer) return [];
  const [time, place] = [columnIndex(answer, 'time'), columnIndex(answer, metric)];
  return answer.rows.map((row, index) => ({
    at: Date.parse(String(row[time])),
    value: numberOf(row[place]),
    isPartial: answer.is_partial?.[index] ?? false,
  }));
}

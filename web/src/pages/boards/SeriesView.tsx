import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useComparedReport, useQueryReport } from '../../api/hooks';
import type { ReportQuery } from '../../api/query';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { textForChart } from '../../components/text/clipText';
import { drawnOver } from '../../filters/comparison/period';
import { usePeriodName } from '../../filters/comparison/usePeriodName';
import { pointsOf } from '../../filters/lines/points';
import { useLinesNote, useValueLines } from '../../filters/lines/useValueLines';
import type { LinesQuery } from '../../filters/lines/valueLines';
import { useCatalogue } from '../../filters/reportContext';
import { granularityFor, rangeBetween } from '../../filters/scopeRange';
import { useChangeScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from './BoardPanelView';
import { panelQuery } from './panelRequest';

const CHART_HEIGHT = 260;

/** One metric over time, beside another period, with a line for each value of a dimension if it names one. */
export function SeriesView(props: PanelViewProps): ReactNode {
  const [by] = panelQuery(props.parameters, props.scope).dimensions ?? [];
  return by === undefined ? <OneLine {...props} /> : <ValueLines {...props} by={by} />;
}

function OneLine({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const zone = scope.time_zone;
  const granularity = granularityFor(scope, zone);
  const query = { ...panelQuery(parameters, scope), granularity };
  const metric = query.metrics[0] ?? '';
  const report = useQueryReport(query);
  const before = useComparedReport(
    scope.compared && report.data ? { ...panelQuery(parameters, scope, scope.compared), granularity } : null,
  );
  const former = scope.compared ? before.data : undefined;
  const isComparing = scope.compared !== null && before.isFetching && before.data === undefined;
  const name = labels.metric(metric);
  const period = usePeriodName(scope);

  const series = useMemo<TimeSeriesLine[]>(() => {
    const lines: TimeSeriesLine[] = [{ key: 'now', name, points: pointsOf(report.data, metric), kind: 'area' }];
    if (former && scope.compared) {
      const drawnAt = drawnOver(scope.compared, scope, zone);
      lines.push({ key: 'before', name: period, points: pointsOf(former, metric), isCompared: true, drawnAt, color: 0 });
    }
    return lines;
  }, [report.data, former, metric, name, period, scope, zone]);

  return (
    <Panel
      title={title}
      hint={name}
      query={{ ...report, isPlaceholderData: report.isPlaceholderData || isComparing }}
      loadingHeight={CHART_HEIGHT}
      empty={report.data?.rows.length === 0 && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      actions={actions}
    >
      <SeriesOfPanel label={label} metric={metric} scope={scope} series={series} />
    </Panel>
  );
}

function ValueLines({ title, label, parameters, scope, actions, by }: PanelViewProps & { by: string }): ReactNode {
  const { t } = useTranslation(['kept', 'overview']);
  const labels = useLabels();
  const over = panelQuery(parameters, scope);
  const metric = over.metrics[0] ?? '';
  const granularity = granularityFor(scope, scope.time_zone);
  const compared = scope.compared && withoutChoice(panelQuery(parameters, scope, scope.compared));
  const { query, series } = useValueLines({ metric, by, granularity, base: withoutChoice(over), compared }, scope);
  const note = useLinesNote(query.data, scope);
  const name = `${labels.metric(metric)} · ${textForChart(labels.dimension(by))}`;
  return (
    <Panel
      title={title}
      hint={note === null ? name : t('overview:lines.sentences', { first: t('overview:lines.of', { name }), second: note })}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={query.data?.lines.length === 0 && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      actions={actions}
    >
      <SeriesOfPanel label={label} metric={metric} scope={scope} series={series} />
    </Panel>
  );
}

/** Range, filters and the like of a query: its lines have metric, dimension and order of their own. */
function withoutChoice({ from, to, time_zone, segment, filters, include_open }: ReportQuery): LinesQuery['base'] {
  const all = { from, to, time_zone, segment, filters, include_open };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

interface SeriesOfPanelProps extends Pick<PanelViewProps, 'label' | 'scope'> {
  metric: string;
  series: readonly TimeSeriesLine[];
}

function SeriesOfPanel({ label, metric, scope, series }: SeriesOfPanelProps): ReactNode {
  const catalogue = useCatalogue();
  const changeScope = useChangeScope();
  const zone = scope.time_zone;
  const granularity = granularityFor(scope, zone);
  return (
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
  );
}

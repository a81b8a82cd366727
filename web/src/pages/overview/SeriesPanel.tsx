import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReportResponse } from '../../api/query';
import { columnIndex } from '../../api/query';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimePoint, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { useCatalogue } from '../../filters/reportContext';
import { momentsOf, rangeBetween } from '../../filters/scopeRange';
import { useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';

interface SeriesPanelProps {
  metric: string;
  query: PanelQuery;
  answer: ReportResponse | undefined;
  before: ReportResponse | undefined;
  scope: ReadyScope;
  granularity: 'minute' | 'hour' | 'day';
}

const CHART_HEIGHT = 280;
/** Charts are marked with the mouse; without a mouse, the hint is hidden. */
const hasMouse = matchMedia('(pointer: fine)').matches;

/** One metric over time, beside the period before; marking a part of it makes that the range. */
export function SeriesPanel({ metric, query, answer, before, scope, granularity }: SeriesPanelProps): ReactNode {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  const isDrawn = answer !== undefined && answer.rows.length > 0;
  const label = labels.metric(metric);
  const unit = catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count';

  const series = useMemo<TimeSeriesLine[]>(() => {
    const lines: TimeSeriesLine[] = [{ key: 'now', name: label, points: pointsOf(answer, metric), kind: 'area' }];
    if (before && scope.previous) {
      const from = momentsOf(scope, scope.time_zone).fromMs;
      const shiftMs = from - momentsOf(scope.previous, scope.time_zone).fromMs;
      const points = pointsOf(before, metric);
      lines.push({ key: 'before', name: t('before'), points, isCompared: true, shiftMs, color: 0 });
    }
    return lines;
  }, [answer, before, metric, label, scope, t]);

  return (
    <Panel
      title={label}
      hint={hasMouse && isDrawn && t('markHint')}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={answer?.rows.length === 0 && <EmptyState title={t('empty.title')} hint={t('empty.hint')} />}
      actions={
        isDrawn && (
          <>
            <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng(`playhead-${metric}`)}>
              PNG
            </Button>
            <AddToBoard panel={{ title: label, kind: 'series', parameters: { metrics: [metric], ...panelScope(scope) } }} />
          </>
        )
      }
    >
      <TimeSeriesChart
        label={label}
        unit={unit}
        metric={metric}
        timeZone={scope.time_zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        handle={chart}
        onSelectRange={(from, to) =>
          changeScope({ range: rangeBetween(from, to, scope.time_zone, granularity) })
        }
      />
    </Panel>
  );
}

function pointsOf(answer: ReportResponse | undefined, metric: string): TimePoint[] {
  if (!answer) return [];
  const [time, place] = [columnIndex(answer, 'time'), columnIndex(answer, metric)];
  return answer.rows.map((row, index) => {
    const value = row[place];
    const isPartial = answer.is_partial?.[index] ?? false;
    return { at: Date.parse(String(row[time])), value: typeof value === 'number' ? value : null, isPartial };
  });
}

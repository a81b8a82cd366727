import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPanel } from '../../api/kept';
import type { ReportResponse } from '../../api/query';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { DimensionField } from '../../filters/breakdown/DimensionField';
import { drawnOver } from '../../filters/comparison/period';
import { usePeriodName } from '../../filters/comparison/usePeriodName';
import { pointsOf } from '../../filters/lines/points';
import { useLinesNote, useValueLines } from '../../filters/lines/useValueLines';
import { useCatalogue } from '../../filters/reportContext';
import { rangeBetween } from '../../filters/scopeRange';
import { queryScope, useChangeOwnParams, useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';

interface SeriesPanelProps {
  metric: string;
  /** The dimension whose values have a line each; null for one line of all. */
  lines: string | null;
  query: PanelQuery;
  answer: ReportResponse | undefined;
  before: ReportResponse | undefined;
  scope: ReadyScope;
  granularity: 'minute' | 'hour' | 'day';
}

const CHART_HEIGHT = 280;
/** Charts are marked with the mouse; without a mouse, the hint is hidden. */
const hasMouse = matchMedia('(pointer: fine)').matches;

/** One metric over time, beside another period, or of the values of a dimension; marking a part of it makes that the range. */
export function SeriesPanel(props: SeriesPanelProps): ReactNode {
  const { metric, lines, query, answer, scope, granularity } = props;
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const changeScope = useChangeScope();
  const change = useChangeOwnParams();
  const chart = useRef<ChartHandle>(null);
  const label = labels.metric(metric);
  const unit = catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count';
  const one = useOneLine(props, label);
  const ofValues = useValueLines(lines === null ? null : linesQuery(metric, lines, scope, granularity), scope);
  const note = useLinesNote(lines === null ? undefined : ofValues.query.data, scope);
  const isEmpty = lines === null ? answer?.rows.length === 0 : ofValues.query.data?.lines.length === 0;
  const series = lines === null ? one : ofValues.series;
  const isDrawn = series.some(({ points }) => points.length > 0);
  const dimensions = lines === null ? {} : { dimensions: [lines] };
  const boardPanel: BoardPanel = { title: label, kind: 'series', parameters: { metrics: [metric], ...dimensions, ...panelScope(scope) } };

  return (
    <Panel
      title={label}
      hint={note ?? (hasMouse && isDrawn && t('markHint'))}
      query={lines === null ? query : ofValues.query}
      loadingHeight={CHART_HEIGHT}
      empty={isEmpty && <EmptyState title={t('empty.title')} hint={t('empty.hint')} />}
      actions={
        <>
          <DimensionField label={t('lines.by')} by={lines} none={t('lines.none')} onChange={(next) => change({ lines: next })} />
          {isDrawn && (
            <>
              <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng(`playhead-${metric}`)}>
                PNG
              </Button>
              <AddToBoard panel={boardPanel} />
            </>
          )}
        </>
      }
    >
      <TimeSeriesChart
        // The names of values are hidden one by one, and those of another dimension are others.
        key={lines}
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

function linesQuery(metric: string, by: string, scope: ReadyScope, granularity: SeriesPanelProps['granularity']) {
  const compared = scope.compared && queryScope(scope, scope.compared);
  return { metric, by, granularity, base: queryScope(scope), compared };
}

/** The line of all, and that of the period that is compared with. */
function useOneLine({ metric, answer, before, scope }: SeriesPanelProps, label: string): TimeSeriesLine[] {
  const period = usePeriodName(scope);
  return useMemo<TimeSeriesLine[]>(() => {
    const lines: TimeSeriesLine[] = [{ key: 'now', name: label, points: pointsOf(answer, metric), kind: 'area' }];
    if (before && scope.compared) {
      const drawnAt = drawnOver(scope.compared, scope, scope.time_zone);
      lines.push({ key: 'before', name: period, points: pointsOf(before, metric), isCompared: true, drawnAt, color: 0 });
    }
    return lines;
  }, [answer, before, metric, label, period, scope]);
}

import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPanel } from '../../api/kept';
import type { QualityAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { drawnOver } from '../../filters/comparison/period';
import { usePeriodName } from '../../filters/comparison/usePeriodName';
import { rangeBetween } from '../../filters/scopeRange';
import { useChangeScope, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';

type Series = QualityAnswer['series'];
type Point = Series[number];

interface SeriesPanelProps {
  scope: ReadyScope;
  granularity: 'minute' | 'hour' | 'day';
  query: PanelQuery;
  answer: QualityAnswer | undefined;
  /** The series of the period that is compared with. */
  before: Series | undefined;
}

const CHART_HEIGHT = 260;
const QUANTILES = ['p50', 'p90', 'p95', 'p99'] as const;

function pointsOf(series: Series, value: (point: Point) => number | null) {
  return series.map((point) => ({ at: Date.parse(point.from), value: value(point), isPartial: point.is_partial }));
}

/** Where the moments of the period that is compared with are drawn. */
function drawnOverPresent(scope: ReadyScope): (at: number) => number {
  return scope.compared ? drawnOver(scope.compared, scope, scope.time_zone) : (at) => at;
}

/** How long starts take, over time: the middle and the slow end. */
export function StartupPanel({ scope, granularity, query, answer, before }: SeriesPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const labels = useLabels();
  const period = usePeriodName(scope);
  const series = useMemo<TimeSeriesLine[]>(() => {
    const lines: TimeSeriesLine[] = QUANTILES.map((quantile, color) => ({
      key: quantile,
      name: labels.metric(`time_to_start_ms_${quantile}`),
      points: pointsOf(answer?.series ?? [], (point) => point.time_to_start_ms[quantile]),
      color,
    }));
    if (!before) return lines;
    const drawnAt = drawnOverPresent(scope);
    const points = pointsOf(before, (point) => point.time_to_start_ms.p95);
    return [...lines, { key: 'before', name: t('startup.before', { period }), points, isCompared: true, drawnAt, color: 2 }];
  }, [answer, before, period, scope, labels, t]);
  const hasStarts = (answer?.time_to_start_ms.sessions ?? 0) > 0;
  return (
    <LinesPanel
      title={t('startup.title')}
      hint={t('startup.hint')}
      empty={<EmptyState icon="quality" title={t('startup.empty')} hint={t('startup.emptyHint')} />}
      isEmpty={!hasStarts}
      file="playhead-startup"
      unit="ms"
      boardPanel={{ title: t('startup.title'), kind: 'quality', parameters: panelScope(scope) }}
      series={series}
      {...{ scope, granularity, query, answer }}
    />
  );
}

/** The share of waiting in the time of playing and waiting, over time. */
export function RebufferPanel({ scope, granularity, query, answer, before }: SeriesPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const labels = useLabels();
  const period = usePeriodName(scope);
  const series = useMemo<TimeSeriesLine[]>(() => {
    const name = labels.metric('rebuffer_ratio');
    const points = pointsOf(answer?.series ?? [], (point) => point.rebuffer_ratio);
    const lines: TimeSeriesLine[] = [{ key: 'now', name, points, kind: 'area', color: 5 }];
    if (!before) return lines;
    const former = pointsOf(before, (point) => point.rebuffer_ratio);
    const drawnAt = drawnOverPresent(scope);
    return [...lines, { key: 'before', name: period, points: former, isCompared: true, drawnAt, color: 5 }];
  }, [answer, before, period, scope, labels, t]);
  return (
    <LinesPanel
      title={t('rebuffer.title')}
      hint={t('rebuffer.hint')}
      empty={<EmptyState icon="quality" title={t('empty.title')} hint={t('empty.hint')} />}
      isEmpty={answer?.sessions === 0}
      file="playhead-rebuffering"
      unit="ratio"
      boardPanel={{
        title: t('rebuffer.title'),
        kind: 'series',
        parameters: { metrics: ['rebuffer_ratio'], ...panelScope(scope) },
      }}
      series={series}
      {...{ scope, granularity, query, answer }}
    />
  );
}

/** How many sessions failed, or were left before content began, over time. A moment leads to its sessions with errors. */
export function FailuresPanel({ scope, granularity, query, answer, before }: SeriesPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const labels = useLabels();
  const period = usePeriodName(scope);
  const sessionsHref = useSessionsHref();
  const series = useMemo<TimeSeriesLine[]>(() => {
    const of = (value: (point: Point) => number) => pointsOf(answer?.series ?? [], value);
    const lines: TimeSeriesLine[] = [
      { key: 'errors', name: labels.metric('error_impacted_streams'), points: of((point) => point.error_sessions), color: 0 },
      { key: 'failures', name: labels.metric('start_failures'), points: of((point) => point.start_failures), color: 1 },
      { key: 'exits', name: labels.metric('exits_before_start'), points: of((point) => point.exits_before_start), color: 2 },
    ];
    if (!before) return lines;
    const points = pointsOf(before, (point) => point.error_sessions);
    return [...lines, { key: 'before', name: period, points, isCompared: true, drawnAt: drawnOverPresent(scope), color: 0 }];
  }, [answer, before, period, scope, labels, t]);
  return (
    <LinesPanel
      title={t('failures.title')}
      hint={t('failures.hint')}
      empty={<EmptyState icon="quality" title={t('empty.title')} hint={t('empty.hint')} />}
      isEmpty={answer?.sessions === 0}
      file="playhead-failures"
      unit="count"
      momentHref={(at) =>
        sessionsHref({
          range: rangeBetween(at, at + 1, scope.time_zone, granularity),
          filters: [{ dimension: 'error_events', operator: '>', values: [0] }],
          order: '-error_events',
        })
      }
      series={series}
      {...{ scope, granularity, query, answer }}
    />
  );
}

interface LinesPanelProps extends Omit<SeriesPanelProps, 'before'> {
  title: string;
  hint: string;
  empty: ReactNode;
  isEmpty: boolean;
  file: string;
  unit: 'ms' | 'ratio' | 'count';
  momentHref?: (at: number) => string;
  series: readonly TimeSeriesLine[];
  boardPanel?: BoardPanel;
}

function LinesPanel(props: LinesPanelProps): ReactNode {
  const { title, hint, scope, granularity, query, answer, series, unit } = props;
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  return (
    <Panel
      title={title}
      hint={hint}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={answer !== undefined && props.isEmpty && props.empty}
      actions={
        <>
          <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng(props.file)}>
            PNG
          </Button>
          {props.boardPanel && <AddToBoard panel={props.boardPanel} />}
        </>
      }
    >
      <TimeSeriesChart
        label={title}
        unit={unit}
        timeZone={scope.time_zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        handle={chart}
        momentHref={props.momentHref}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, scope.time_zone, granularity) })}
      />
    </Panel>
  );
}

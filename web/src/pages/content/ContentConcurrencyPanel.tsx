import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useComparedPanel, usePanel } from '../../api/hooks';
import type { ConcurrencyAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimePoint, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { EmptyState } from '../../components/states/EmptyState';
import { Panel } from '../../components/layout/Panel';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { drawnOver } from '../../filters/comparison/period';
import { usePeriodName } from '../../filters/comparison/usePeriodName';
import { useAskedAt } from '../../filters/reportContext';
import { rangeBetween } from '../../filters/scopeRange';
import { panelParams, useChangeOwnParams, useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import { concurrencyRange, MINUTE_STEPS, MOST_DAYS } from './concurrencyAsk';
import { highest, valuesPerPoint } from './curvePoints';

const CHART_HEIGHT = 280;
const MOST_POINTS = 3_000;

/** How many were there at the same time, minute by minute. The scope is that of the content. */
export function ContentConcurrencyPanel({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('content');
  const [params] = useSearchParams();
  const changeScope = useChangeScope();
  const { askedAtMs } = useAskedAt();
  const chart = useRef<ChartHandle>(null);
  const zone = scope.time_zone;
  const asked = {
    granularity: 'minute',
    count: params.get('count') === 'visitors' ? 'visitors' : 'sessions',
    state: params.get('state') === 'playing' ? 'playing' : 'active',
  } as const;
  const range = concurrencyRange(scope, zone, askedAtMs);
  const compared = scope.compared && range ? concurrencyRange(scope.compared, zone, askedAtMs) : null;
  const query = usePanel('concurrency', range && { ...panelParams(scope, range), ...asked });
  const before = useComparedPanel('concurrency', compared && { ...panelParams(scope, compared), ...asked });
  const answer = range ? query.data : undefined;
  const former = compared ? before.data : undefined;
  const period = usePeriodName(scope);

  const series = useMemo<TimeSeriesLine[]>(() => {
    if (!answer) return [];
    const name = answer.count === 'visitors' ? t('concurrency.visitors') : t('concurrency.sessions');
    const lines: TimeSeriesLine[] = [{ key: 'now', name, points: pointsOf(answer), kind: 'area', color: 0 }];
    if (former && scope.compared) {
      const drawnAt = drawnOver(scope.compared, scope, zone);
      lines.push({ key: 'before', name: period, points: pointsOf(former), isCompared: true, drawnAt, color: 0 });
    }
    const peak = peakOf(answer);
    // A series of one point is drawn as a dot.
    if (peak) lines.push({ key: 'peak', name: t('concurrency.peak'), points: [peak], color: 3 });
    return lines;
  }, [answer, former, period, scope, zone, t]);

  return (
    <Panel
      title={t('concurrency.title')}
      hint={<ConcurrencyHint answer={answer} timeZone={zone} />}
      {...(range ? { query } : {})}
      loadingHeight={CHART_HEIGHT}
      empty={
        range === null ? (
          <EmptyState
            icon="calendar"
            title={t('concurrency.tooLong')}
            hint={t('concurrency.tooLongHint', { days: MOST_DAYS })}
          />
        ) : (
          answer?.peak.value === 0 && (
            <EmptyState icon="chart" title={t('concurrency.empty')} hint={t('concurrency.emptyHint')} />
          )
        )
      }
      actions={
        <>
          <Switches count={asked.count} state={asked.state} />
          <Button
            kind="quiet"
            size="small"
            icon="download"
            onClick={() => chart.current?.exportPng('playhead-concurrency')}
          >
            PNG
          </Button>
          <AddToBoard
            panel={{ title: t('concurrency.title'), kind: 'concurrency', parameters: { ...asked, ...panelScope(scope) } }}
          />
        </>
      }
    >
      <TimeSeriesChart
        label={t('concurrency.label')}
        series={series}
        timeZone={zone}
        unit="count"
        height={CHART_HEIGHT}
        handle={chart}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, 'minute') })}
      />
    </Panel>
  );
}

function Switches({ count, state }: { count: 'sessions' | 'visitors'; state: 'active' | 'playing' }): ReactNode {
  const { t } = useTranslation('content');
  const change = useChangeOwnParams();
  return (
    <>
      <SegmentedControl
        label={t('concurrency.count')}
        options={[
          { value: 'sessions', label: t('concurrency.sessions') },
          { value: 'visitors', label: t('concurrency.visitors') },
        ]}
        value={count}
        onChange={(value) => change({ count: value === 'sessions' ? null : value })}
      />
      <SegmentedControl
        label={t('concurrency.state')}
        options={[
          { value: 'active', label: t('concurrency.active') },
          { value: 'playing', label: t('concurrency.playing') },
        ]}
        value={state}
        onChange={(value) => change({ state: value === 'active' ? null : value })}
      />
    </>
  );
}

function ConcurrencyHint({ answer, timeZone }: { answer: ConcurrencyAnswer | undefined; timeZone: string }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat(timeZone);
  if (!answer || answer.peak.at === null) return '\u00a0';
  const parts = [
    t('concurrency.hint', {
      peak: format.number(answer.peak.value, 0),
      time: format.dateTime(answer.peak.at),
      average: format.number(answer.average, 2),
    }),
  ];
  const present = answer.present?.peak;
  if (present?.at != null && present.value > answer.peak.value) {
    const peak = format.number(present.value, 0);
    parts.push(t('concurrency.present', { peak, time: format.dateTime(present.at) }));
  }
  const group = groupOf(answer);
  if (group > 1) parts.push(t('concurrency.grouped', { span: format.duration(group * 60) }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}

function groupOf(answer: ConcurrencyAnswer): number {
  return valuesPerPoint(answer.values.length, MOST_POINTS, MINUTE_STEPS);
}

function pointsOf(answer: ConcurrencyAnswer): TimePoint[] {
  const group = groupOf(answer);
  const first = Date.parse(answer.first_point);
  return highest(answer.values, group).map((value, place) => ({ at: first + place * group * answer.step_ms, value }));
}

/** The peak, at the point of the curve that holds it. */
function peakOf(answer: ConcurrencyAnswer): TimePoint | null {
  if (answer.peak.at === null) return null;
  const first = Date.parse(answer.first_point);
  const stepMs = groupOf(answer) * answer.step_ms;
  const place = Math.floor((Date.parse(answer.peak.at) - first) / stepMs);
  return { at: first + place * stepMs, value: answer.peak.value };
}

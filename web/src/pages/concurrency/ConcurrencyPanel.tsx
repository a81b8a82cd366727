import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPanel } from '../../api/kept';
import type { ConcurrencyAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { drawnOver } from '../../filters/comparison/period';
import { usePeriodName } from '../../filters/comparison/usePeriodName';
import { rangeBetween } from '../../filters/scopeRange';
import { useChangeOwnParams, useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { AddToBoard } from '../../kept/AddToBoard';
import { panelScope } from '../boards/panelRequest';
import { LINES, mostDays, type ConcurrencyChoice } from './concurrencyChoice';
import { ConcurrencyControls } from './ConcurrencyControls';
import { groupOf, peakPoint, pointsOf } from './concurrencySeries';

const CHART_HEIGHT = 320;

interface ConcurrencyPanelProps {
  scope: ReadyScope;
  choice: ConcurrencyChoice;
  /** None where the range is too long to be counted. */
  query: PanelQuery | undefined;
  answer: ConcurrencyAnswer | undefined;
  /** The period that is compared with. */
  before: ConcurrencyAnswer | undefined;
  /** Names of the values of the breakdown. */
  names: ReadonlyMap<string, string>;
}

/** How many were there at the same time, over time, and of the values of a dimension. */
export function ConcurrencyPanel(props: ConcurrencyPanelProps): ReactNode {
  const { scope, choice, query, answer } = props;
  const { t } = useTranslation('concurrency');
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  const zone = scope.time_zone;
  const series = useLines(props);
  return (
    <Panel
      title={t('title')}
      hint={<Hint answer={answer} timeZone={zone} />}
      {...(query ? { query } : {})}
      loadingHeight={CHART_HEIGHT}
      empty={
        query === undefined ? (
          <TooLong choice={choice} />
        ) : (
          answer?.peak.value === 0 && <EmptyState icon="chart" title={t('empty')} hint={t('emptyHint')} />
        )
      }
      actions={
        <>
          <ConcurrencyControls choice={choice} />
          <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng('playhead-concurrency')}>
            PNG
          </Button>
          <AddToBoard panel={boardPanelOf(t('title'), choice, scope)} />
        </>
      }
    >
      <TimeSeriesChart
        label={t('label')}
        series={series}
        timeZone={zone}
        unit="count"
        height={CHART_HEIGHT}
        precision={answer?.step_ms === 1000 ? 'second' : 'minute'}
        handle={chart}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, 'minute') })}
      />
    </Panel>
  );
}

/** By minute, which a board can show of any of its ranges. */
function boardPanelOf(title: string, { count, state, by }: ConcurrencyChoice, scope: ReadyScope): BoardPanel {
  const lines = by === null ? {} : { by, limit: LINES };
  return { title, kind: 'concurrency', parameters: { granularity: 'minute', count, state, ...lines, ...panelScope(scope) } };
}

function useLines({ scope, answer, before, names }: ConcurrencyPanelProps): TimeSeriesLine[] {
  const { t } = useTranslation('concurrency');
  const period = usePeriodName(scope);
  return useMemo(() => {
    if (!answer) return [];
    const all: TimeSeriesLine = { key: 'all', name: t(answer.count), points: pointsOf(answer), kind: 'area', color: 0 };
    const values = answer.series.map(({ value, values: counts }, place): TimeSeriesLine => {
      const name = value === null ? t('without') : (names.get(value) ?? value);
      return { key: `value ${place}`, name, points: pointsOf(answer, counts), color: place + 1 };
    });
    const drawnAt = scope.compared ? drawnOver(scope.compared, scope, scope.time_zone) : undefined;
    const compared: TimeSeriesLine[] = before && drawnAt
      ? [{ key: 'before', name: period, points: pointsOf(before), isCompared: true, drawnAt, color: 0 }]
      : [];
    // A series of one point is drawn as a dot; beside other lines it would be one more thing to tell apart.
    const peak = answer.by === null ? peakPoint(answer) : null;
    const dot: TimeSeriesLine[] = peak ? [{ key: 'peak', name: t('tiles.peak'), points: [peak], color: 3 }] : [];
    return [all, ...values, ...compared, ...dot];
  }, [answer, before, period, scope, names, t]);
}

function Hint({ answer, timeZone }: { answer: ConcurrencyAnswer | undefined; timeZone: string }): ReactNode {
  const { t } = useTranslation('concurrency');
  const format = useFormat(timeZone);
  if (!answer) return '\u00a0';
  const parts = [t('chartHint')];
  const group = groupOf(answer);
  if (group > 1) {
    const span = format.duration((group * answer.step_ms) / 1000);
    parts.push(answer.step_ms === 1000 ? t('groupedSeconds', { span }) : t('groupedMinutes', { span }));
  }
  const others = answer.other_values;
  if (others > 0) parts.push(t('others', { count: others, shown: format.number(others, 0) }));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}

/** What to do where the range is longer than what is counted in one go. */
function TooLong({ choice }: { choice: ConcurrencyChoice }): ReactNode {
  const { t } = useTranslation('concurrency');
  const change = useChangeOwnParams();
  const days = mostDays(choice);
  if (choice.granularity === 'second') {
    return (
      <EmptyState
        icon="calendar"
        title={t('tooLong.seconds')}
        hint={t(choice.by === null ? 'tooLong.secondsHint' : 'tooLong.secondsByHint', { days })}
        actions={<Button onClick={() => change({ granularity: null })}>{t('tooLong.toMinutes')}</Button>}
      />
    );
  }
  return (
    <EmptyState
      icon="calendar"
      title={t('tooLong.minutes')}
      hint={t(choice.by === null ? 'tooLong.minutesHint' : 'tooLong.minutesByHint', { days })}
    />
  );
}

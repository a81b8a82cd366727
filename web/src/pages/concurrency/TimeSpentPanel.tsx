import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { usePanel } from '../../api/hooks';
import type { TimeSpentAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { rangeBetween } from '../../filters/scopeRange';
import { panelParams, useChangeOwnParams, useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { BUCKETS, bucketsFor, LINES, MOST_BUCKET_DAYS } from './concurrencyChoice';
import { colorsOf } from './concurrencySeries';

const CHART_HEIGHT = 280;
const MINUTE_MS = 60_000;
/** More bars than this are too thin to be told apart. */
const MOST_BARS = 400;

interface TimeSpentPanelProps {
  scope: ReadyScope;
  by: string | null;
  /** Whether its values have names. */
  isNamed: boolean;
  /** The values with lines in the chart above, in its order. */
  above: readonly (string | null)[];
}

/** Time that content and ads played in each part of the clock. */
export function TimeSpentPanel({ scope, by, isNamed, above }: TimeSpentPanelProps): ReactNode {
  const { t } = useTranslation('concurrency');
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  const zone = scope.time_zone;
  const { fitting, shown } = bucketsFor(scope, zone, params.get('bucket'));
  const query = usePanel(
    'time-spent',
    shown && { ...panelParams(scope), bucket: shown, ...(by === null ? {} : { by, limit: LINES, names: isNamed }) },
  );
  const answer = shown === null ? undefined : query.data;
  const series = useTimeLines(answer, above);
  const halfMs = ((answer?.bucket_minutes ?? 0) * MINUTE_MS) / 2;
  const [first, last] = [answer?.starts[0], answer?.starts.at(-1)];
  return (
    <Panel
      title={t('time.title')}
      hint={<TimeHint answer={answer} isShortened={fitting.length < BUCKETS.length} />}
      {...(shown === null ? {} : { query })}
      loadingHeight={CHART_HEIGHT}
      empty={
        shown === null ? (
          <EmptyState icon="calendar" title={t('time.tooLong')} hint={t('time.tooLongHint', { days: MOST_BUCKET_DAYS })} />
        ) : (
          answer?.total_seconds === 0 && <EmptyState icon="chart" title={t('time.empty')} hint={t('time.emptyHint')} />
        )
      }
      actions={
        shown !== null && (
          <>
            <SegmentedControl
              label={t('time.bucket')}
              options={fitting.map((bucket) => ({ value: bucket, label: t('time.minutes', { minutes: bucket }) }))}
              value={shown}
              onChange={(bucket) => change({ bucket })}
            />
            <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng('playhead-time-spent')}>
              PNG
            </Button>
          </>
        )
      }
    >
      <TimeSeriesChart
        label={t('time.label')}
        series={series}
        timeZone={zone}
        unit="seconds"
        height={CHART_HEIGHT}
        // Bars stand in the middle of where they begin.
        {...(first && last ? { fromMs: Date.parse(first) - halfMs, toMs: Date.parse(last) + halfMs } : {})}
        handle={chart}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, 'minute') })}
      />
    </Panel>
  );
}

function useTimeLines(
  answer: TimeSpentAnswer | undefined,
  above: readonly (string | null)[],
): TimeSeriesLine[] {
  const { t } = useTranslation('concurrency');
  return useMemo(() => {
    if (!answer) return [];
    const isBars = answer.starts.length <= MOST_BARS;
    const kind = isBars ? 'bar' : 'line';
    const points = (seconds: readonly number[]) =>
      seconds.map((value, place) => ({
        at: Date.parse(answer.starts[place] ?? ''),
        value,
        isPartial: answer.is_partial[place] ?? false,
      }));
    if (answer.by === null) {
      return [{ key: 'all', name: t('time.played'), points: points(answer.seconds), kind: isBars ? 'bar' : 'area', color: 1 }];
    }
    // Bars of values stand on each other and add up to all.
    const stack = isBars ? { stack: 'time' } : {};
    const colors = colorsOf(
      answer.series.map(({ value }) => value),
      above,
    );
    const lines = answer.series.map(({ value, name: named, seconds }, place): TimeSeriesLine => {
      const name = named ?? value ?? t('without');
      return { key: `value ${place}`, name, points: points(seconds), kind, color: colors.get(value) ?? place + 1, ...stack };
    });
    if (!answer.other) return lines;
    return [...lines, { key: 'other', name: t('time.other'), points: points(answer.other.seconds), kind, color: 0, ...stack }];
  }, [answer, above, t]);
}

function TimeHint({ answer, isShortened }: { answer: TimeSpentAnswer | undefined; isShortened: boolean }): ReactNode {
  const { t } = useTranslation('concurrency');
  const format = useFormat();
  if (!answer) return '\u00a0';
  const parts = [t('time.hint', { time: format.duration(answer.total_seconds) })];
  if (isShortened) parts.push(t('time.shorter'));
  return parts.reduce((first, second) => t('sentences', { first, second }));
}

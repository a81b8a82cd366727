import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudienceAnswer } from '../../api/panels';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimePoint, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { rangeBetween } from '../../filters/scopeRange';
import { useChangeScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { MINUTE_STEPS } from './concurrencyAsk';
import { means, valuesPerPoint } from './curvePoints';
import { reasonForClock } from './timelines';

const CHART_HEIGHT = 280;
const MINUTE_MS = 60_000;
const MOST_POINTS = 3_000;

interface ClockAudiencePanelProps {
  query: PanelQuery;
  /** By the clock. */
  answer: AudienceAnswer | undefined;
  timeZone: string;
}

/** How many watched a live content in each minute of the clock: it has no other time that its viewers share. */
export function ClockAudiencePanel({ query, answer, timeZone }: ClockAudiencePanelProps): ReactNode {
  const { t } = useTranslation('content');
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  const series = useMemo<TimeSeriesLine[]>(() => {
    const points = answer ? pointsOf(answer) : [];
    const curve: TimeSeriesLine = { key: 'audience', name: t('audience.minute'), points, kind: 'area', color: 2 };
    const average = answer?.average_minute_audience ?? null;
    const ends = [points[0], points.at(-1)].filter((point) => point !== undefined);
    if (average === null || points.length < 2) return [curve];
    return [curve, { key: 'average', name: t('audience.average'), points: ends.map(({ at }) => ({ at, value: average })), color: 7 }];
  }, [answer, t]);
  return (
    <Panel
      title={t('clock.title')}
      hint={<ClockHint answer={answer} timeZone={timeZone} />}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={
        answer?.audience.length === 0 && (
          <EmptyState icon="chart" title={t('audience.empty')} hint={t('audience.emptyHint')} />
        )
      }
      actions={
        <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng('playhead-audience')}>
          PNG
        </Button>
      }
    >
      <TimeSeriesChart
        label={t('clock.label')}
        series={series}
        timeZone={timeZone}
        unit="viewers"
        height={CHART_HEIGHT}
        handle={chart}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, timeZone, 'minute') })}
      />
    </Panel>
  );
}

function ClockHint({ answer, timeZone }: { answer: AudienceAnswer | undefined; timeZone: string }): ReactNode {
  const { t } = useTranslation('content');
  const format = useFormat(timeZone);
  if (!answer) return '\u00a0';
  const parts = [t(`clock.because.${reasonForClock(answer.timelines)}`)];
  const watched = answer.audience.filter((viewers) => viewers > 0).length;
  // An audience below a ten-thousandth of a viewer is written as none.
  if (answer.average_minute_audience !== null && watched > 0) {
    const average = format.number(answer.average_minute_audience, 2);
    parts.push(t('clock.average', { count: watched, shown: format.number(watched, 0), average }));
  }
  const group = groupOf(answer);
  if (group > 1) parts.push(t('clock.grouped', { span: format.duration(group * 60) }));
  if (answer.is_cut && answer.first_minute_at !== null) {
    parts.push(t('clock.isCut', { time: format.dateTime(answer.first_minute_at) }));
  }
  return parts.reduce((first, second) => t('sentences', { first, second }));
}

function groupOf(answer: AudienceAnswer): number {
  return valuesPerPoint(answer.audience.length, MOST_POINTS, MINUTE_STEPS);
}

function pointsOf(answer: AudienceAnswer): TimePoint[] {
  if (answer.first_minute_at === null) return [];
  const group = groupOf(answer);
  const first = Date.parse(answer.first_minute_at);
  return means(answer.audience, group).map((value, place) => ({ at: first + place * group * MINUTE_MS, value }));
}

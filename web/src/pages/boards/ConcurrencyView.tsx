import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../../api/hooks';
import type { ConcurrencyAnswer } from '../../api/panels';
import { TimeSeriesChart, type TimePoint, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { useAskedAt } from '../../filters/reportContext';
import { rangeBetween } from '../../filters/scopeRange';
import { useChangeScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { concurrencyRange, MINUTE_STEPS, MOST_DAYS } from '../content/concurrencyAsk';
import { highest, valuesPerPoint } from '../content/curvePoints';
import type { PanelViewProps } from './BoardPanelView';
import { panelCall } from './panelRequest';

const CHART_HEIGHT = 260;
const MOST_POINTS = 3_000;

/** How many were there at the same time, and of the values with the most, when it is broken down. */
export function ConcurrencyView({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation(['kept', 'content', 'overview']);
  const changeScope = useChangeScope();
  const { askedAtMs } = useAskedAt();
  const zone = scope.time_zone;
  const format = useFormat(zone);
  const range = concurrencyRange(scope, zone, askedAtMs);
  const query = usePanel('concurrency', range && panelCall(parameters, scope, range));
  const answer = range ? query.data : undefined;

  const series = useMemo<TimeSeriesLine[]>(() => {
    if (!answer) return [];
    const name = answer.count === 'visitors' ? t('content:concurrency.visitors') : t('content:concurrency.sessions');
    const all: TimeSeriesLine = { key: 'all', name, points: pointsOf(answer, answer.values), kind: 'area', color: 0 };
    const values = answer.series.map(({ value, name, values: counts }, place): TimeSeriesLine => {
      const text = name ?? value ?? t('overview:breakdown.none');
      return { key: `value ${place}`, name: text, points: pointsOf(answer, counts), color: place + 1 };
    });
    return [all, ...values];
  }, [answer, t]);

  const peak = answer?.peak;
  return (
    <Panel
      title={title}
      hint={
        peak?.at != null && t('panel.peak', { peak: format.number(peak.value, 0), time: format.dateTime(peak.at) })
      }
      {...(range ? { query } : {})}
      loadingHeight={CHART_HEIGHT}
      empty={
        range === null ? (
          <EmptyState icon="calendar" title={t('board.tooLong')} hint={t('board.tooLongHint', { days: MOST_DAYS })} />
        ) : (
          peak?.value === 0 && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />
        )
      }
      actions={actions}
    >
      <TimeSeriesChart
        label={label}
        series={series}
        timeZone={zone}
        unit="count"
        height={CHART_HEIGHT}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, 'minute') })}
      />
    </Panel>
  );
}

function pointsOf({ first_point, step_ms }: ConcurrencyAnswer, values: readonly number[]): TimePoint[] {
  const group = valuesPerPoint(values.length, MOST_POINTS, MINUTE_STEPS);
  const first = Date.parse(first_point);
  return highest(values, group).map((value, place) => ({ at: first + place * group * step_ms, value }));
}

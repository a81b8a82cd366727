import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../../api/hooks';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { granularityFor, rangeBetween } from '../../filters/scopeRange';
import { useChangeScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import type { PanelViewProps } from './BoardPanelView';
import { panelCall } from './panelRequest';

const CHART_HEIGHT = 260;
const QUANTILES = ['p50', 'p95'] as const;

/** How long starts take: the middle and the slow end, over time. */
export function QualityView({ title, label, parameters, scope, actions }: PanelViewProps): ReactNode {
  const { t } = useTranslation('kept');
  const labels = useLabels();
  const changeScope = useChangeScope();
  const zone = scope.time_zone;
  const granularity = granularityFor(scope, zone);
  const query = usePanel('quality', { ...panelCall(parameters, scope), granularity });
  const answer = query.data;

  const series = useMemo<TimeSeriesLine[]>(
    () =>
      QUANTILES.map((quantile, place) => ({
        key: quantile,
        name: labels.metric(`time_to_start_ms_${quantile}`),
        points: (answer?.series ?? []).map((point) => ({
          at: Date.parse(point.from),
          value: point.time_to_start_ms[quantile],
          isPartial: point.is_partial,
        })),
        color: place,
      })),
    [answer, labels],
  );
  return (
    <Panel
      title={title}
      hint={t('panel.startup')}
      query={query}
      loadingHeight={CHART_HEIGHT}
      empty={answer?.sessions === 0 && <EmptyState title={t('board.noData')} hint={t('board.noDataHint')} />}
      actions={actions}
    >
      <TimeSeriesChart
        label={label}
        unit="ms"
        timeZone={zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, zone, granularity) })}
      />
    </Panel>
  );
}

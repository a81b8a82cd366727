import { useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChartHandle } from '../../charts/Chart';
import { TimeSeriesChart, type TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { Button } from '../../components/controls/Button';
import { Select } from '../../components/controls/Select';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { pointsOf } from '../../filters/lines/points';
import { useCatalogue } from '../../filters/reportContext';
import { rangeBetween } from '../../filters/scopeRange';
import { useChangeOwnParams, useChangeScope, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { AddToBoard } from '../../kept/AddToBoard';
import type { OverviewChoice } from '../overview/overviewChoice';
import { panelScope } from '../boards/panelRequest';
import { keptSides, queryOfBoth, useSideName, type BothSides } from './bothSides';

interface SidesChartProps {
  both: BothSides;
  choice: OverviewChoice;
  scope: ReadyScope;
  granularity: 'minute' | 'hour' | 'day';
}

const CHART_HEIGHT = 280;

/** One metric over time, a line for each side. */
export function SidesChart({ both, choice, scope, granularity }: SidesChartProps): ReactNode {
  const { t } = useTranslation('sides');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const change = useChangeOwnParams();
  const changeScope = useChangeScope();
  const chart = useRef<ChartHandle>(null);
  const sideName = useSideName();
  const { shown: metric, metrics } = choice;
  const [nameA, nameB] = [sideName(both.a), sideName(both.b)];
  const [a, b] = [both.a.report.data, both.b.report.data];
  const series = useMemo<TimeSeriesLine[]>(
    () => [
      { key: 'a', name: nameA, points: pointsOf(a, metric), color: 0 },
      { key: 'b', name: nameB, points: pointsOf(b, metric), color: 1 },
    ],
    [a, b, metric, nameA, nameB],
  );
  const isEmpty = a?.rows.length === 0 && b?.rows.length === 0;
  return (
    <Panel
      title={t('overTime', { metric: labels.metric(metric) })}
      query={queryOfBoth(both)}
      loadingHeight={CHART_HEIGHT}
      empty={isEmpty && <EmptyState title={t('empty.title')} hint={t('empty.hint')} />}
      actions={
        <>
          <Select
            label={t('metric')}
            hideLabel
            value={metric}
            options={metrics.map((name) => ({ value: name, label: labels.metric(name) }))}
            onChange={(show) => change({ show, order: null })}
          />
          <AddToBoard
            panel={{
              title: labels.metric(metric),
              kind: 'side_by_side',
              parameters: { metrics: [metric], ...panelScope(scope), ...keptSides(both, sideName) },
            }}
          />
          {!isEmpty && (
            <Button kind="quiet" size="small" icon="download" onClick={() => chart.current?.exportPng(`playhead-${metric}`)}>
              PNG
            </Button>
          )}
        </>
      }
    >
      <TimeSeriesChart
        label={labels.metric(metric)}
        unit={catalogue.metrics.find(({ name }) => name === metric)?.unit ?? 'count'}
        metric={metric}
        timeZone={scope.time_zone}
        series={series}
        height={CHART_HEIGHT}
        precision={granularity === 'day' ? 'day' : 'minute'}
        handle={chart}
        onSelectRange={(from, to) => changeScope({ range: rangeBetween(from, to, scope.time_zone, granularity) })}
      />
    </Panel>
  );
}

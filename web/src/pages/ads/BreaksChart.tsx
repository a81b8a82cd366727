import { useCallback, useMemo, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { amountAxis, GRID } from '../../charts/axes';
import { Chart, type ChartHandle, type ChartPlace } from '../../charts/Chart';
import { seriesColor, withAlpha, type ChartTheme } from '../../charts/chartTheme';
import type { TooltipContent } from '../../charts/ChartTooltip';
import type { ChartOption } from '../../charts/echarts';
import { Legend } from '../../charts/Legend';
import { useFormat } from '../../format/useFormat';
import type { BreakGroup } from './breakGroups';

const HEIGHT = 280;
const VIEWERS_COLOR = 0;
const LOSS_COLOR = 3;

function lossOf({ viewers, lost }: BreakGroup): number | null {
  return viewers === 0 ? null : lost / viewers;
}

interface BreaksChartProps {
  groups: readonly BreakGroup[];
  names: readonly string[];
  categoryLabel: string;
  handle?: Ref<ChartHandle>;
}

/** Viewers before and after each break as bars, and the share that it lost as a line on an axis of its own. */
export function BreaksChart({ groups, names, categoryLabel, handle }: BreaksChartProps): ReactNode {
  const { t } = useTranslation('ads');
  const format = useFormat();
  const option = useCallback(
    (theme: ChartTheme): ChartOption => {
      const [viewers, loss] = [VIEWERS_COLOR, LOSS_COLOR].map((place) => theme.palette[place] ?? theme.accent);
      const bar = (id: string, data: number[], color: string) => ({
        id,
        type: 'bar' as const,
        data,
        silent: true,
        barMaxWidth: 22,
        barGap: '8%',
        itemStyle: { color, borderRadius: [2, 2, 0, 0] },
      });
      return {
        grid: GRID,
        xAxis: {
          type: 'category',
          data: [...names],
          axisLine: { lineStyle: { color: theme.grid } },
          axisTick: { show: false },
          axisLabel: { color: theme.textSoft, fontSize: 11, hideOverlap: true },
          axisPointer: { show: true, type: 'shadow', label: { show: false } },
        },
        yAxis: [
          amountAxis(theme, (value) => format.compact(value)),
          { ...amountAxis(theme, (value) => format.percent(value)), splitLine: { show: false } },
        ],
        series: [
          bar('before', groups.map((group) => group.viewers), withAlpha(viewers ?? theme.accent, 0.4)),
          bar('after', groups.map(({ viewers: seen, lost }) => seen - lost), viewers ?? theme.accent),
          {
            id: 'loss',
            type: 'line',
            yAxisIndex: 1,
            silent: true,
            data: groups.map(lossOf),
            symbol: 'circle',
            symbolSize: 6,
            showSymbol: true,
            lineStyle: { color: loss, width: 1.75 },
            itemStyle: { color: loss },
          },
        ],
      };
    },
    [groups, names, format],
  );
  const series = useMemo(
    () => [
      { key: 'before', name: t('breaks.before'), color: `color-mix(in srgb, ${seriesColor(VIEWERS_COLOR)} 40%, transparent)` },
      { key: 'after', name: t('breaks.after'), color: seriesColor(VIEWERS_COLOR) },
      { key: 'loss', name: t('breaks.loss'), color: seriesColor(LOSS_COLOR) },
    ],
    [t],
  );
  const written = (group: BreakGroup) => [
    format.number(group.viewers, 0),
    format.number(group.viewers - group.lost, 0),
    format.percent(lossOf(group)),
  ];
  const tooltip = ({ x }: ChartPlace): TooltipContent | null => {
    const place = Math.round(x);
    const group = groups[place];
    if (!group) return null;
    const values = written(group);
    return {
      title: names[place] ?? '',
      rows: series.map(({ name, color }, index) => ({ name, color, value: values[index] ?? '' })),
    };
  };
  const table = () => ({
    columns: [categoryLabel, ...series.map(({ name }) => name)],
    rows: groups.map((group, place) => [names[place] ?? '', ...written(group)]),
  });
  return (
    <div>
      <Legend items={series} />
      <Chart label={t('breaks.title')} height={HEIGHT} option={option} tooltip={tooltip} table={table} handle={handle} legend={series} />
    </div>
  );
}

import { useCallback, useEffect, useRef, type ReactNode } from 'react';
import { amountAxis, bottomAxis, GRID } from '../../charts/axes';
import { Chart, type ChartHandle, type ChartPlace } from '../../charts/Chart';
import { seriesColor, withAlpha, type ChartTheme } from '../../charts/chartTheme';
import type { TooltipContent } from '../../charts/ChartTooltip';
import type { ChartOption } from '../../charts/echarts';
import { tickLabels, timeTicks } from '../../charts/timeTicks';
import { useFormat } from '../../format/useFormat';
import { useTranslation } from 'react-i18next';
import type { CountName, LiveWindow } from './liveWindow';
import { useIsStale, useLiveStore } from './useLive';
import styles from './LiveChart.module.css';

export interface LiveLine {
  name: CountName;
  label: string;
  color: number;
  isArea?: boolean;
}

interface LiveChartProps {
  label: string;
  /** Keep it the same array while nothing changes. */
  lines: readonly LiveLine[];
  /** How many of the last seconds are drawn. */
  seconds: number;
  height?: number;
}

/** Some counts up to now. Each second only the data of the chart change; the component is not rendered anew. */
export function LiveChart({ label, lines, seconds, height = 240 }: LiveChartProps): ReactNode {
  const { t } = useTranslation();
  const store = useLiveStore();
  const isStale = useIsStale();
  const format = useFormat();
  const handle = useRef<ChartHandle>(null);
  const { locale, timeZone } = format;
  const { window: counts } = store;

  const option = useCallback(
    (theme: ChartTheme): ChartOption => {
      const moving = movingAxis(counts, seconds, locale, timeZone);
      return {
        animation: false,
        grid: GRID,
        xAxis: {
          type: 'value',
          ...bottomAxis(theme),
          ...moving,
          axisLabel: { color: theme.axis, fontSize: 11, hideOverlap: true, ...moving.axisLabel },
          axisTick: { ...bottomAxis(theme).axisTick, ...moving.axisTick },
        },
        yAxis: amountAxis(theme, (value) => format.compact(value)),
        series: lines.map(({ name, color: place, isArea }) => {
          const color = theme.palette[place % theme.palette.length] ?? theme.accent;
          return {
            id: name,
            type: 'line' as const,
            dimensions: ['at', 'count'],
            data: chartData(counts.points(name, seconds)),
            showSymbol: false,
            silent: true,
            sampling: 'lttb' as const,
            lineStyle: { color, width: 1.25 },
            itemStyle: { color },
            ...(isArea ? { areaStyle: { color: withAlpha(color, theme.isDark ? 0.16 : 0.1) } } : {}),
          };
        }),
      };
    },
    [counts, lines, seconds, locale, timeZone, format],
  );

  useEffect(() => {
    const update = () =>
      handle.current?.update({
        xAxis: movingAxis(counts, seconds, locale, timeZone),
        series: lines.map(({ name }) => ({ id: name, type: 'line', data: chartData(counts.points(name, seconds)) })),
      });
    return store.subscribe(update);
  }, [store, counts, lines, seconds, locale, timeZone]);

  const tooltip = ({ x }: ChartPlace): TooltipContent => {
    const second = Math.round(x / 1000);
    return {
      title: format.timeOfDay(second * 1000),
      rows: lines.map(({ name, label: text, color }) => ({
        color: seriesColor(color),
        name: text,
        value: format.number(counts.at(name, second), 0),
      })),
    };
  };
  const table = () => {
    // Sixty rows, the latest first: a table of every second does not help.
    const end = counts.endSecond ?? 0;
    const shown = Array.from({ length: 60 }, (_, place) => end - (place * seconds) / 60).filter((second) => second > 0);
    return {
      columns: [t('chart.time'), ...lines.map((line) => line.label)],
      rows: shown.map((second) => [
        format.timeOfDay(second * 1000),
        ...lines.map(({ name }) => format.number(counts.at(name, second), 0)),
      ]),
    };
  };
  return (
    <div className={isStale ? styles.stale : undefined}>
      <Chart label={label} height={height} option={option} tooltip={tooltip} table={table} handle={handle} legend={lines.map((line) => ({ key: line.name, name: line.label, color: seriesColor(line.color) }))} timeZone={timeZone} linesOnly />
    </div>
  );
}

/** The chart takes flat arrays of numbers where dimensions are named; its types do not say so. */
function chartData(points: Float64Array): number[][] {
  return points as unknown as number[][];
}

/** The seconds that the axis shows, with its ticks. */
function movingAxis(counts: LiveWindow, seconds: number, locale: string, timeZone: string) {
  const end = counts.endSecond ?? Math.floor(Date.now() / 1000);
  const [from, to] = [(end - seconds + 1) * 1000, end * 1000];
  const { ticks, unit } = timeTicks(from, to, timeZone, window.innerWidth < 640 ? 4 : 8);
  return {
    min: from,
    max: to,
    axisLabel: { customValues: ticks, formatter: tickLabels(locale, timeZone, unit) },
    axisTick: { customValues: ticks },
  };
}

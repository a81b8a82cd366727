import { useCallback, useMemo, type ReactNode, type Ref } from 'react';
import type { Unit } from '../api/catalogue';
import { textForChart } from '../components/text/clipText';
import { useFormat } from '../format/useFormat';
import { amountAxis, GRID } from './axes';
import { Chart, type ChartHandle, type ChartPlace } from './Chart';
import { seriesColor, type ChartTheme } from './chartTheme';
import type { TooltipContent } from './ChartTooltip';
import type { ChartOption } from './echarts';
import { Legend } from './Legend';

export interface BarSeries {
  key: string;
  name: string;
  /** One value for each category. */
  values: readonly (number | null)[];
  color?: number;
}

interface BarChartProps {
  label: string;
  /** The name of what the categories are, for the table. */
  categoryLabel: string;
  /** May come from players; clipped here. Null is shown as a dash. */
  categories: readonly (string | null)[];
  series: readonly BarSeries[];
  unit: Unit;
  metric?: string;
  /** Bars from left to right, a category a line (usual), or upright. */
  direction?: 'horizontal' | 'vertical';
  isStacked?: boolean;
  height?: number;
  onPick?: (category: number) => void;
  handle?: Ref<ChartHandle>;
}

/** Numbers by category. */
export function BarChart(props: BarChartProps): ReactNode {
  const { label, categories, series, unit, metric, isStacked = false, onPick } = props;
  const isHorizontal = props.direction !== 'vertical';
  const height = props.height ?? (isHorizontal ? Math.max(120, categories.length * 26 + 36) : 240);
  const format = useFormat();
  const names = useMemo(() => categories.map((category) => textForChart(category, isHorizontal ? 28 : 14)), [categories, isHorizontal]);

  const option = useCallback(
    (theme: ChartTheme): ChartOption => {
      const categoryAxis = {
        type: 'category' as const,
        data: names,
        inverse: isHorizontal,
        axisLine: { lineStyle: { color: theme.grid } },
        axisTick: { show: false },
        axisLabel: { color: theme.textSoft, fontSize: 11, hideOverlap: true, width: 160, overflow: 'truncate' as const },
        axisPointer: { show: true, type: 'shadow' as const, label: { show: false } },
      };
      const amounts = amountAxis(theme, (value) => format.unitShort(value, unit, metric));
      return {
        grid: GRID,
        xAxis: isHorizontal ? amounts : categoryAxis,
        yAxis: isHorizontal ? categoryAxis : amounts,
        series: series.map(({ key, values, color }, place) => ({
          id: key,
          type: 'bar' as const,
          data: [...values],
          barMaxWidth: 18,
          silent: true,
          ...(isStacked ? { stack: 'all' } : {}),
          itemStyle: {
            color: theme.palette[(color ?? place) % theme.palette.length] ?? theme.accent,
            borderRadius: isStacked ? 0 : isHorizontal ? [0, 2, 2, 0] : [2, 2, 0, 0],
          },
        })),
      };
    },
    [names, series, unit, metric, isHorizontal, isStacked, format],
  );

  const placeOf = ({ x, y }: ChartPlace) => Math.round(isHorizontal ? y : x);
  const tooltip = (at: ChartPlace): TooltipContent | null => {
    const place = placeOf(at);
    if (place < 0 || place >= categories.length) return null;
    return {
      title: textForChart(categories[place], 80),
      rows: series.map(({ name, values, color }, seriesPlace) => ({
        color: seriesColor(color ?? seriesPlace),
        name: textForChart(name),
        value: format.unit(values[place], unit, metric),
      })),
    };
  };
  const table = () => ({
    columns: [props.categoryLabel, ...series.map(({ name }) => name)],
    rows: categories.map((category, place) => [
      category ?? '–',
      ...series.map(({ values }) => format.unit(values[place], unit, metric)),
    ]),
    values: categories.map((category, place) => [category, ...series.map(({ values }) => values[place] ?? null)]),
  });
  const legend = series.map(({ key, name, color }, place) => ({ key, name, color: seriesColor(color ?? place) }));
  return (
    <div>
      {series.length > 1 && <Legend items={legend} />}
      <Chart
        label={label}
        height={height}
        option={option}
        tooltip={tooltip}
        table={table}
        onPick={onPick ? (at) => placeOf(at) in categories && onPick(placeOf(at)) : undefined}
        handle={props.handle}
        legend={legend}
      />
    </div>
  );
}

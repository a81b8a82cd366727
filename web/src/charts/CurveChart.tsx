import { useCallback, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { Unit } from '../api/catalogue';
import { textForChart } from '../components/text/clipText';
import { useFormat } from '../format/useFormat';
import { amountAxis, bottomAxis, GRID } from './axes';
import { Chart, type ChartHandle, type ChartPlace } from './Chart';
import { seriesColor, withAlpha, type ChartTheme } from './chartTheme';
import type { TooltipContent } from './ChartTooltip';
import type { ChartOption } from './echarts';
import { Legend } from './Legend';
import { marksOf, shapeOf } from './shapes';

export interface CurveSeries {
  key: string;
  name: string;
  /** The values at `first`, `first` + `step`, and so on. */
  values: readonly (number | null)[];
  unit?: Unit;
  kind?: 'line' | 'area' | 'bar';
  color?: number;
  /** Measured on an axis of its own at the right. */
  isOnRight?: boolean;
}

/** A line across the chart at an x, such as where an ad break is. */
export interface CurveMark {
  x: number;
  name: string;
}

interface CurveChartProps {
  label: string;
  series: readonly CurveSeries[];
  unit: Unit;
  /** The kind of x: a position in the content in seconds (a clock), a share in percent, or a plain number. */
  x: 'seconds' | 'percent' | 'number';
  xLabel: string;
  first?: number;
  step?: number;
  /** The end of the axis of amounts, such as 1 for shares. */
  most?: number;
  marks?: readonly CurveMark[];
  height?: number;
  onSelectRange?: (from: number, to: number) => void;
  handle?: Ref<ChartHandle>;
}

/** Numbers along something other than time, such as the positions of a content. */
export function CurveChart(props: CurveChartProps): ReactNode {
  const { label, series, unit, x: kindOfX, xLabel, first = 0, step = 1, most, marks, height = 260 } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const count = Math.max(0, ...series.map(({ values }) => values.length));
  const last = first + Math.max(count - 1, 1) * step;

  const writeX = useCallback(
    (x: number) =>
      kindOfX === 'seconds' ? format.clock(x) : kindOfX === 'percent' ? format.percent(x / 100, 0) : format.number(x),
    [kindOfX, format],
  );
  const option = useCallback(
    (theme: ChartTheme): ChartOption => {
      const hasRight = series.some(({ isOnRight }) => isOnRight);
      const rightUnit = series.find(({ isOnRight }) => isOnRight)?.unit ?? unit;
      return {
        grid: GRID,
        xAxis: {
          type: 'value',
          min: first,
          max: last,
          ...bottomAxis(theme),
          ...(kindOfX === 'seconds' ? { interval: clockStep(last - first) } : {}),
          axisLabel: { color: theme.axis, fontSize: 11, hideOverlap: true, showMaxLabel: false, formatter: writeX },
        },
        yAxis: [
          amountAxis(theme, (value) => format.unitShort(value, unit), most),
          ...(hasRight
            ? [{ ...amountAxis(theme, (value) => format.unitShort(value, rightUnit)), splitLine: { show: false } }]
            : []),
        ],
        series: series.flatMap((curve, place) => [
          curveOption(curve, place, theme, first, step, place === 0 ? marks : undefined),
          ...(isMarked(series, curve) ? [marksOfCurve(curve, place, theme, first, step)] : []),
        ]),
      };
    },
    [series, unit, kindOfX, first, last, step, most, marks, format, writeX],
  );

  const written = ({ values, unit: own }: CurveSeries, place: number) => format.unit(values[place], own ?? unit);
  const tooltip = ({ x }: ChartPlace): TooltipContent | null => {
    const place = Math.round((x - first) / step);
    if (place < 0 || place >= count) return null;
    return {
      title: `${xLabel} ${writeX(first + place * step)}`,
      rows: series.map((curve, seriesPlace) => ({
        color: seriesColor(curve.color ?? seriesPlace),
        name: textForChart(curve.name),
        value: written(curve, place),
      })),
    };
  };
  const table = () => ({
    columns: [xLabel || t('chart.position'), ...series.map(({ name }) => name)],
    rows: Array.from({ length: count }, (_, place) => [
      writeX(first + place * step),
      ...series.map((curve) => written(curve, place)),
    ]),
    values: Array.from({ length: count }, (_, place) => [
      first + place * step,
      ...series.map(({ values }) => values[place] ?? null),
    ]),
  });
  const legend = series.map((curve, place) => ({
    key: curve.key,
    name: curve.name,
    color: seriesColor(curve.color ?? place),
    shape: isMarked(series, curve) ? shapeOf(curve.color ?? place) : undefined,
  }));
  return (
    <div>
      {series.length > 1 && <Legend items={legend} />}
      <Chart
        label={label}
        height={height}
        option={option}
        tooltip={tooltip}
        table={table}
        onSelectRange={props.onSelectRange}
        handle={props.handle}
        legend={legend}
      />
    </div>
  );
}

function isMarked(series: readonly CurveSeries[], { kind }: CurveSeries): boolean {
  return kind !== 'bar' && series.filter((other) => other.kind !== 'bar').length > 1;
}

function marksOfCurve(curve: CurveSeries, place: number, theme: ChartTheme, first: number, step: number) {
  const own = curve.color ?? place;
  const color = theme.palette[own % theme.palette.length] ?? theme.accent;
  const data = curve.values.map((value, index) => [first + index * step, value]);
  return marksOf(curve.key, data, own, color, curve.isOnRight ? 1 : 0);
}

/** A round distance of ticks on a clock. */
function clockStep(seconds: number): number {
  const most = 8;
  const steps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
  return steps.find((step) => seconds / step <= most) ?? 43_200;
}

function curveOption(
  { key, values, kind = 'line', color: colorPlace, isOnRight }: CurveSeries,
  place: number,
  theme: ChartTheme,
  first: number,
  step: number,
  marks: readonly CurveMark[] | undefined,
) {
  const color = theme.palette[(colorPlace ?? place) % theme.palette.length] ?? theme.accent;
  const base = {
    id: key,
    data: values.map((value, index) => [first + index * step, value]),
    yAxisIndex: isOnRight ? 1 : 0,
    silent: true,
  };
  if (kind === 'bar') return { ...base, type: 'bar' as const, itemStyle: { color: withAlpha(color, 0.7) } };
  return {
    ...base,
    type: 'line' as const,
    showSymbol: values.length === 1,
    sampling: 'lttb' as const,
    lineStyle: { color, width: 1.75 },
    itemStyle: { color },
    ...(kind === 'area' ? { areaStyle: { color: withAlpha(color, theme.isDark ? 0.16 : 0.1) } } : {}),
    ...(marks && marks.length > 0
      ? {
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: theme.axis, type: [3, 3] as number[], width: 1 },
            label: { color: theme.textSoft, fontSize: 10, formatter: '{b}' },
            data: marks.map(({ x, name }) => ({ xAxis: x, name: textForChart(name, 16) })),
          },
        }
      : {}),
  };
}

import { useCallback, useMemo, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Unit } from '../api/catalogue';
import { textForChart } from '../components/text/clipText';
import { useFormat } from '../format/useFormat';
import { endOfLastBucket, markSeries } from '../kept/annotationMarks';
import { AnnotationsBar } from '../kept/AnnotationsBar';
import { useAnnotations } from '../kept/useAnnotations';
import { amountAxis, bottomAxis, GRID } from './axes';
import { Chart, type ChartHandle, type ChartPlace } from './Chart';
import type { ChartTableContent } from './ChartTable';
import { seriesColor, withAlpha, type ChartTheme } from './chartTheme';
import type { TooltipContent } from './ChartTooltip';
import type { ChartOption } from './echarts';
import { Legend } from './Legend';
import { marksOf, shapeOf } from './shapes';
import { tickLabels, timeTicks } from './timeTicks';

export interface TimePoint {
  /** ms since 1970. */
  at: number;
  /** Null makes a gap. */
  value: number | null;
  /** Whether it stands for a bucket that is counted only in part, such as the hour under way. */
  isPartial?: boolean;
}

export interface TimeSeriesLine {
  key: string;
  /** May come from players; it is clipped here. */
  name: string;
  points: readonly TimePoint[];
  kind?: 'line' | 'area' | 'bar';
  /** The place of its colour; that in the list when not named. */
  color?: number;
  /** Drawn dashed, in the colour of what it is compared with. */
  isCompared?: boolean;
  /** Where a point of a moment is drawn, no earlier than one before it: lays another period over the present one. */
  drawnAt?: (at: number) => number;
  /** Lines with the same stack are added up. */
  stack?: string;
  /** The kind of its values, if it differs from the chart's. */
  unit?: Unit;
  metric?: string;
}

/** A line with where each point is drawn. */
interface DrawnLine extends TimeSeriesLine {
  points: readonly (TimePoint & { x: number })[];
}

interface TimeSeriesChartProps {
  label: string;
  series: readonly TimeSeriesLine[];
  timeZone: string;
  unit: Unit;
  /** The metric's name, for ratios that are no percents. */
  metric?: string;
  height?: number;
  /** The ends of the axis; those of the points when not named. */
  fromMs?: number;
  toMs?: number;
  /** How exactly the tip says when: a day, or to the minute or second. */
  precision?: 'day' | 'minute' | 'second';
  hideLegend?: boolean;
  onSelectRange?: ((fromMs: number, toMs: number) => void) | undefined;
  /** Where the bucket that begins at a moment leads: by a click, and from the table. */
  momentHref?: ((at: number) => string) | undefined;
  handle?: Ref<ChartHandle>;
}

/** Numbers over time, in the clocks of a time zone. */
export function TimeSeriesChart(props: TimeSeriesChartProps): ReactNode {
  const { label, timeZone, unit, metric, height = 260, precision = 'minute', onSelectRange, momentHref } = props;
  const { t } = useTranslation();
  const format = useFormat(timeZone);
  const navigate = useNavigate();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const series = useMemo(() => props.series.map(drawnLine), [props.series]);
  const shown = useMemo(() => series.filter(({ key }) => !hidden.has(key)), [series, hidden]);
  const colors = useMemo(() => new Map(series.map(({ key, color }, place) => [key, color ?? place])), [series]);
  const marked = useMemo(() => markedOf(series), [series]);
  const ends = useMemo(() => endsOf(series, props.fromMs, props.toMs), [series, props.fromMs, props.toMs]);
  const untilMs = endOfLastBucket(longestOf(series)?.points ?? [], ends.to);
  const annotations = useAnnotations(ends.from, untilMs);

  const option = useCallback(
    (theme: ChartTheme): ChartOption => {
      const { ticks, unit: tickUnit } = timeTicks(ends.from, ends.to, timeZone, window.innerWidth < 640 ? 4 : 8);
      return {
        grid: GRID,
        xAxis: {
          type: 'value',
          min: ends.from,
          max: ends.to,
          ...bottomAxis(theme),
          axisLabel: {
            color: theme.axis,
            fontSize: 11,
            hideOverlap: true,
            customValues: ticks,
            formatter: tickLabels(format.locale, timeZone, tickUnit),
          },
          axisTick: { ...bottomAxis(theme).axisTick, customValues: ticks },
        },
        yAxis: amountAxis(theme, (value) => format.unitShort(value, unit, metric)),
        series: [
          ...shown.flatMap((line) => {
            const place = colors.get(line.key) ?? 0;
            return [...seriesOptions(line, theme, place), ...(marked.has(line.key) ? [marksOfLine(line, theme, place)] : [])];
          }),
          ...(annotations.length === 0 ? [] : [markSeries(annotations, ends.from, ends.to, theme)]),
        ],
      };
    },
    [shown, marked, colors, ends, annotations, timeZone, format, unit, metric],
  );

  const written = useCallback(
    (line: TimeSeriesLine, value: number | null) => format.unit(value, line.unit ?? unit, line.metric ?? metric),
    [format, unit, metric],
  );
  const when = useCallback(
    (ms: number) =>
      precision === 'day' ? format.date(ms) : precision === 'second' ? `${format.date(ms)} ${format.timeOfDay(ms)}` : format.dateTime(ms),
    [format, precision],
  );

  const tooltip = ({ x }: ChartPlace): TooltipContent | null => {
    const nearest = shown.map((line) => ({ line, point: nearestPoint(line, x) }));
    const first = nearest.find(({ line, point }) => point && !line.isCompared) ?? nearest.find(({ point }) => point);
    if (!first?.point) return null;
    const rows = nearest.map(({ line, point }) => ({
      color: seriesColor(colors.get(line.key) ?? 0),
      isDashed: line.isCompared === true,
      name: `${textForChart(line.name)}${line.isCompared && point ? ` · ${when(point.at)}` : ''}`,
      value: written(line, point?.value ?? null),
    }));
    const title = when(first.point.x);
    return { title: first.point.isPartial ? `${title} · ${t('chart.partial')}` : title, rows };
  };

  const table = (): ChartTableContent => {
    const rows = longestOf(series)?.points ?? [];
    return {
      columns: [t('chart.time'), ...series.map(({ name }) => name)],
      rows: rows.map(({ x, isPartial }) => {
        const time = isPartial ? `${when(x)} · ${t('chart.partial')}` : when(x);
        return [time, ...series.map((line) => written(line, nearestPoint(line, x)?.value ?? null))];
      }),
      ...(momentHref ? { hrefs: rows.map(({ x }) => momentHref(x)) } : {}),
      values: rows.map(({ x }) => [new Date(x).toISOString(), ...series.map((line) => nearestPoint(line, x)?.value ?? null)]),
    };
  };

  const pick = ({ x }: ChartPlace) => {
    const line = shown.find(({ isCompared }) => !isCompared);
    const point = line && nearestPoint(line, x);
    if (point && momentHref) navigate(momentHref(point.at));
  };

  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  const legend = series.map(({ key, name, isCompared }) => ({
    key,
    name,
    color: seriesColor(colors.get(key) ?? 0),
    isDashed: isCompared === true,
    shape: marked.has(key) ? shapeOf(colors.get(key) ?? 0) : undefined,
  }));
  return (
    <div>
      {!props.hideLegend && series.length > 1 && <Legend items={legend} hidden={hidden} onToggle={toggle} />}
      <Chart
        label={label}
        height={height}
        option={option}
        tooltip={tooltip}
        table={table}
        onSelectRange={onSelectRange}
        onPick={momentHref && pick}
        handle={props.handle}
        legend={props.hideLegend ? undefined : legend}
        timeZone={timeZone}
      />
      <AnnotationsBar annotations={annotations} timeZone={timeZone} toMs={untilMs} />
    </div>
  );
}

function drawnLine(line: TimeSeriesLine): DrawnLine {
  const { points, drawnAt = (at) => at } = line;
  return { ...line, points: points.map((point) => ({ ...point, x: drawnAt(point.at) })) };
}

/** The line with the most points, of the present period if it has any. */
function longestOf(series: readonly DrawnLine[]): DrawnLine | undefined {
  const isPresent = ({ isCompared, points }: DrawnLine) => !isCompared && points.length > 0;
  const lines = series.some(isPresent) ? series.filter(isPresent) : [...series];
  return lines.sort((one, other) => other.points.length - one.points.length)[0];
}

function endsOf(series: readonly DrawnLine[], fromMs?: number, toMs?: number): { from: number; to: number } {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    const [first, last] = [points[0], points.at(-1)];
    if (first) from = Math.min(from, first.x);
    if (last) to = Math.max(to, last.x);
  }
  if (from > to) [from, to] = [Date.now() - 3_600_000, Date.now()];
  return { from: fromMs ?? from, to: Math.max(toMs ?? to, (fromMs ?? from) + 1) };
}

/** The point drawn at or nearest to an x; none when it lies further away than the next one would. */
function nearestPoint({ points }: DrawnLine, x: number): DrawnLine['points'][number] | null {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const [after, before] = [points[low], points[low - 1]];
  if (!after) return null;
  const nearest = before && x - before.x < after.x - x ? before : after;
  const step = points.length > 1 ? Math.abs((points[1]?.x ?? 0) - (points[0]?.x ?? 0)) : Number.POSITIVE_INFINITY;
  return Math.abs(nearest.x - x) <= step ? nearest : null;
}

/** A line, with the parts of it that lead to buckets counted only in part dashed. */
function seriesOptions(line: DrawnLine, theme: ChartTheme, place: number) {
  const { points, kind = 'line', isCompared = false } = line;
  if (kind === 'bar' || isCompared || !points.some(({ isPartial }) => isPartial)) return [seriesOption(line, theme, place)];
  const whole = points.map((point) => (point.isPartial ? { ...point, value: null } : point));
  const inPart = points.map((point, index) => {
    const isBeside = [points[index - 1], point, points[index + 1]].some((one) => one?.isPartial);
    return isBeside ? point : { ...point, value: null };
  });
  return [
    seriesOption({ ...line, points: whole }, theme, place),
    seriesOption({ ...line, key: `${line.key} in part`, points: inPart, kind: 'line', isCompared: true }, theme, place),
  ];
}

function seriesOption(line: DrawnLine, theme: ChartTheme, place: number) {
  const color = theme.palette[place % theme.palette.length] ?? theme.accent;
  const { key, points, kind = 'line', isCompared = false, stack } = line;
  const base = {
    id: key,
    data: points.map(({ x, value }) => [x, value]),
    ...(stack === undefined ? {} : { stack }),
    silent: true,
  };
  if (kind === 'bar') {
    const data = points.map(({ x, value, isPartial }) =>
      isPartial ? { value: [x, value], itemStyle: { opacity: 0.5 } } : [x, value],
    );
    return { ...base, data, type: 'bar' as const, barMaxWidth: 28, itemStyle: { color, borderRadius: [2, 2, 0, 0] } };
  }
  return {
    ...base,
    type: 'line' as const,
    // A point between gaps has no line to be seen by.
    data: points.map(({ x, value }, index) => {
      const place = [x, value];
      return isAlone(points, index) ? { value: place, symbol: 'circle', symbolSize: 5 } : place;
    }),
    symbol: 'none',
    showSymbol: points.some((_, index) => isAlone(points, index)),
    sampling: 'lttb' as const,
    connectNulls: false,
    lineStyle: isCompared
      ? { color, width: 1.5, type: [4, 4] as number[], opacity: 0.75 }
      : { color, width: 1.75, cap: 'round' as const, join: 'round' as const },
    itemStyle: { color },
    ...(kind === 'area' && !isCompared ? { areaStyle: { color: withAlpha(color, theme.isDark ? 0.16 : 0.1) } } : {}),
  };
}

/** The lines that have marks: those of a chart with several, but for what is dashed or added up. */
function markedOf(series: readonly TimeSeriesLine[]): ReadonlySet<string> {
  const lines = series.filter(({ kind, isCompared, stack }) => kind !== 'bar' && !isCompared && stack === undefined);
  return new Set(lines.length > 1 ? lines.map(({ key }) => key) : []);
}

function marksOfLine({ key, points }: DrawnLine, theme: ChartTheme, place: number) {
  const color = theme.palette[place % theme.palette.length] ?? theme.accent;
  return marksOf(key, points.map(({ x, value }) => [x, value]), place, color);
}

function isAlone(points: readonly TimePoint[], place: number): boolean {
  const isMissing = (point: TimePoint | undefined) => (point?.value ?? null) === null;
  return !isMissing(points[place]) && isMissing(points[place - 1]) && isMissing(points[place + 1]);
}

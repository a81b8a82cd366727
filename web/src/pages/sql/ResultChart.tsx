import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { SqlResponse } from '../../api/query';
import { amountAxis, bottomAxis, GRID } from '../../charts/axes';
import { BarChart } from '../../charts/BarChart';
import { Chart, type ChartPlace } from '../../charts/Chart';
import { seriesColor, type ChartTheme } from '../../charts/chartTheme';
import type { ChartOption } from '../../charts/echarts';
import { Legend } from '../../charts/Legend';
import { TimeSeriesChart } from '../../charts/TimeSeriesChart';
import { textForChart } from '../../components/text/clipText';
import { EmptyState } from '../../components/states/EmptyState';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { Select } from '../../components/controls/Select';
import { useChangeOwnParams } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import styles from './ResultChart.module.css';
import { chartData, chooseChart, MOST_POINTS, MOST_SERIES, numericColumns, plainColumns, type ChartData } from './resultChart';

const NONE = '-';

/** The result as lines or bars; what is drawn is held in the address. */
export function ResultChart({ answer }: { answer: SqlResponse }): ReactNode {
  const { t } = useTranslation('sql');
  const format = useFormat();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const choice = useMemo(() => {
    const [series, kind] = [params.get('series'), params.get('kind')];
    return chooseChart(answer, {
      x: params.get('x') ?? '',
      y: params.get('y') ?? '',
      ...(series === null ? {} : { series: series === NONE ? null : series }),
      ...(kind === 'line' || kind === 'bar' ? { kind } : {}),
    });
  }, [answer, params]);
  const data = useMemo(() => (choice ? chartData(answer, choice) : null), [answer, choice]);
  if (!choice || !data) {
    return <EmptyState icon="chart" title={t('chart.noNumbersTitle')} hint={t('chart.noNumbersHint')} />;
  }
  const options = (names: string[]) => names.map((name) => ({ value: name, label: textForChart(name, 40) }));
  return (
    <div className={styles.chart}>
      <div className={styles.controls}>
        <Select label={t('chart.x')} options={options(plainColumns(answer))} value={choice.x} onChange={(x) => change({ x })} />
        <Select label={t('chart.y')} options={options(numericColumns(answer))} value={choice.y} onChange={(y) => change({ y })} />
        <Select
          label={t('chart.series')}
          options={[{ value: NONE, label: t('chart.noSeries') }, ...options(plainColumns(answer).filter((name) => name !== choice.x))]}
          value={choice.series ?? NONE}
          onChange={(series) => change({ series })}
        />
        <SegmentedControl
          label={t('chart.kind')}
          options={[
            { value: 'line', label: t('chart.line') },
            { value: 'bar', label: t('chart.bar') },
          ]}
          value={choice.kind}
          onChange={(kind) => change({ kind })}
        />
      </div>
      {data.isCut && (
        <p className={styles.note}>
          {t('chart.tooMany', { points: format.number(MOST_POINTS, 0), series: format.number(MOST_SERIES, 0) })}
        </p>
      )}
      <Drawing data={data} kind={choice.kind} xName={choice.x} yName={choice.y} />
    </div>
  );
}

interface DrawingProps {
  data: ChartData;
  kind: 'line' | 'bar';
  xName: string;
  yName: string;
}

function Drawing({ data, kind, xName, yName }: DrawingProps): ReactNode {
  const { t } = useTranslation('sql');
  const { axis, categories, series } = data;
  const names = useMemo(
    () => series.map(({ name }) => (name === '' ? yName : (name ?? t('chart.others')))),
    [series, yName, t],
  );
  const label = `${textForChart(yName)} / ${textForChart(xName)}`;
  const timeLines = useMemo(
    () =>
      series.map(({ points }, place) => ({
        key: String(place),
        name: names[place] ?? '',
        kind,
        points: points.map(({ x, y }) => ({ at: x, value: y })),
      })),
    [series, names, kind],
  );
  const places = useMemo(() => {
    if (axis !== 'number') return categories;
    return [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((one, other) => one - other).map(String);
  }, [axis, categories, series]);
  const bars = useMemo(
    () =>
      series.map(({ points }, place) => {
        const values = new Map(points.map(({ x, y }) => [axis === 'number' ? String(x) : x, y]));
        return {
          key: String(place),
          name: names[place] ?? '',
          values: places.map((category, index) => values.get(axis === 'number' ? (category ?? '') : index) ?? null),
        };
      }),
    [series, names, places, axis],
  );
  // SQL has no time zone: its times are shown as they are, in UTC.
  if (axis === 'time') {
    return <TimeSeriesChart label={label} unit="count" timeZone="UTC" precision="second" height={340} series={timeLines} />;
  }
  if (kind === 'bar') {
    const isUpright = axis === 'number' || places.length <= 8;
    return (
      <BarChart
        label={label}
        unit="count"
        categoryLabel={textForChart(xName)}
        categories={places}
        series={bars}
        direction={isUpright ? 'vertical' : 'horizontal'}
        {...(isUpright ? { height: 340 } : {})}
      />
    );
  }
  return <LineDrawing {...{ data, names, label, xName, places }} />;
}

interface LineDrawingProps {
  data: ChartData;
  names: readonly string[];
  label: string;
  xName: string;
  places: readonly (string | null)[];
}

/** Lines over numbers or categories. */
function LineDrawing({ data, names, label, xName, places }: LineDrawingProps): ReactNode {
  const format = useFormat();
  const { axis, series } = data;
  const option = useCallback(
    (theme: ChartTheme): ChartOption => ({
      grid: GRID,
      xAxis:
        axis === 'number'
          ? {
              type: 'value',
              scale: true,
              ...bottomAxis(theme),
              axisLabel: { color: theme.axis, fontSize: 11, hideOverlap: true, formatter: (value: number) => format.compact(value) },
            }
          : {
              type: 'category',
              data: places.map((place) => textForChart(place, 16)),
              ...bottomAxis(theme),
              axisLabel: { color: theme.textSoft, fontSize: 11, hideOverlap: true },
            },
      yAxis: amountAxis(theme, (value) => format.compact(value)),
      series: series.map(({ points }, place) => ({
        id: String(place),
        type: 'line' as const,
        data: points.map(({ x, y }) => [x, y]),
        showSymbol: points.length < 60,
        silent: true,
        lineStyle: { color: theme.palette[place % theme.palette.length] ?? theme.accent, width: 1.75 },
        itemStyle: { color: theme.palette[place % theme.palette.length] ?? theme.accent },
      })),
    }),
    [axis, series, places, format],
  );
  const nearest = (points: ChartData['series'][number]['points'], x: number) =>
    points.reduce<{ x: number; y: number | null } | null>(
      (best, point) => (best === null || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
      null,
    );
  const tooltip = ({ x }: ChartPlace) => {
    const first = nearest(series[0]?.points ?? [], x);
    if (!first) return null;
    return {
      title: axis === 'number' ? `${textForChart(xName)} ${format.number(first.x, 6)}` : textForChart(places[first.x], 80),
      rows: series.map(({ points }, place) => ({
        color: seriesColor(place),
        name: textForChart(names[place]),
        value: format.number(nearest(points, first.x)?.y, 6),
      })),
    };
  };
  return (
    <div>
      {series.length > 1 && (
        <Legend items={names.map((name, place) => ({ key: String(place), name, color: seriesColor(place) }))} />
      )}
      <Chart label={label} height={340} option={option} tooltip={tooltip} />
    </div>
  );
}

import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../components/controls/Button';
import { classNames } from '../components/classNames';
import { useExportScope } from '../components/exportScope';
import { LoadingArea } from '../components/states/Loading';
import { useFormat } from '../format/useFormat';
import { zoneLabel } from '../time/readerZone';
import { markedText } from '../components/text/visibleText';
import styles from './Chart.module.css';
import { ChartTable, type ChartTableContent } from './ChartTable';
import { useChartTheme, type ChartTheme } from './chartTheme';
import { ChartTooltip, type TooltipContent } from './ChartTooltip';
import type { ChartOption, ECharts } from './echarts';
import { ownFrame } from './ownFrame';
import type { LegendItem } from './Legend';
import { savePng } from './savePng';

export interface ChartHandle {
  /** Saves the chart as an image under a name without its ending. */
  exportPng(name: string): void;
  /** Merges a part of an option in, for what changes each second; nothing before the chart is there. */
  update(option: ChartOption): void;
}

/** A place in a chart in its own coordinates. */
export interface ChartPlace {
  x: number;
  y: number;
}

export interface ChartProps {
  /** The content of the chart, for screen readers and as the caption of its table. */
  label: string;
  height?: number;
  /** The option for a theme; keep it the same function (`useCallback`) while nothing changes. */
  option: (theme: ChartTheme) => ChartOption;
  /** The text of the tip at a place; null for none. */
  tooltip?: ((place: ChartPlace) => TooltipContent | null) | undefined;
  /** The same data as a table, shown on demand. */
  table?: (() => ChartTableContent) | undefined;
  /** Called with the x of both ends of what was marked with the mouse. */
  onSelectRange?: ((from: number, to: number) => void) | undefined;
  /** Called with the place that was clicked. */
  onPick?: ((place: ChartPlace) => void) | undefined;
  handle?: Ref<ChartHandle> | undefined;
  /** The names of its series, for its picture; the page has them above the chart. */
  legend?: readonly LegendItem[] | undefined;
  /** The zone of its times, for a picture of a page without a range. */
  timeZone?: string | undefined;
  /** Lines and nothing else are drawn, for which less has to be loaded. */
  linesOnly?: boolean;
}

const hasMouse = () => matchMedia('(pointer: fine)').matches;
const isStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** A chart in the page's theme and size, with a tip, a table on demand, and marking of a range. */
export function Chart(props: ChartProps): ReactNode {
  const { label, height = 260, option, tooltip, table, onSelectRange, onPick, handle, linesOnly = false } = props;
  const { legend, timeZone } = props;
  const { t } = useTranslation();
  const theme = useChartTheme();
  const scope = useExportScope();
  const format = useFormat(timeZone);
  const canvas = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [failed, setFailed] = useState(false);
  const [showsTable, setShowsTable] = useState(false);
  const canSelect = onSelectRange !== undefined;
  const select = useRef(onSelectRange);
  const pick = useRef(onPick);
  useEffect(() => {
    select.current = onSelectRange;
    pick.current = onPick;
  });

  useEffect(() => {
    const element = canvas.current;
    if (!element || showsTable) return;
    let made: ECharts | null = null;
    let isGone = false;
    const observer = new ResizeObserver(() => made?.resize());
    Promise.all([import('./echarts'), linesOnly ? null : import('./moreParts')]).then(
      async ([{ init }]) => {
        await ownFrame();
        if (isGone) return;
        made = init(element, null, { renderer: 'canvas' });
        made.on('brushEnd', (event) => {
          const range = (event as { areas?: { coordRange?: unknown }[] }).areas?.[0]?.coordRange;
          made?.dispatchAction({ type: 'brush', areas: [] });
          if (Array.isArray(range)) select.current?.(Number(range[0]), Number(range[1]));
        });
        observer.observe(element);
        setChart(made);
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      observer.disconnect();
      made?.dispose();
      setChart(null);
    };
  }, [showsTable, linesOnly]);

  // With the commit and not after it: what changes each second must find the option there.
  useLayoutEffect(() => {
    if (!chart) return;
    const selects = canSelect && hasMouse();
    const brush = {
      brushType: 'lineX' as const,
      brushMode: 'single' as const,
      xAxisIndex: 0,
      brushStyle: { color: theme.accent, opacity: 0.12, borderWidth: 0 },
    };
    const textStyle = { fontFamily: theme.font, fontSize: 11 };
    const base: ChartOption = { animation: !isStill(), animationDuration: 250, animationDurationUpdate: 250, textStyle };
    chart.setOption({ ...base, ...option(theme), ...(selects ? { brush: { ...brush, toolbox: [] } } : {}) }, {
      notMerge: true,
      // Drawn with the next frame, in a task of its own; marking needs it at once.
      lazyUpdate: !selects,
    });
    if (selects) {
      chart.dispatchAction({
        type: 'takeGlobalCursor',
        key: 'brush',
        brushOption: { brushType: 'lineX', brushMode: 'single' },
      });
    }
  }, [chart, option, theme, canSelect]);

  useEffect(() => {
    if (!chart) return;
    const click = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const [x, y] = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]) as number[];
      if (chart.containPixel({ gridIndex: 0 }, [offsetX, offsetY])) pick.current?.({ x: x ?? 0, y: y ?? 0 });
    };
    chart.getZr().on('click', click);
    return () => {
      if (!chart.isDisposed()) chart.getZr().off('click', click);
    };
  }, [chart]);

  const save = useCallback(
    (name: string) => {
      const made = `${format.dateTime(Date.now())}${scope ? '' : ` · ${zoneLabel(format.timeZone)}`}`;
      const lines = [...(scope?.lines ?? []), t('chart.made', { time: made })];
      const file = scope ? `${name} ${scope.file}` : name;
      if (chart) void savePng(chart, theme, { title: label, lines, legend: legend ?? [] }, file);
    },
    [chart, theme, scope, format, label, legend, t],
  );
  useImperativeHandle(
    handle,
    () => ({
      exportPng: save,
      update: (change) => chart?.setOption(change, { lazyUpdate: true }),
    }),
    [chart, save],
  );

  const showTable = showsTable && table !== undefined;
  return (
    <figure className={classNames(styles.figure, showTable && styles.withTable)}>
      {(table || chart) && (
        <div className={styles.switch}>
          {chart && (
            <Button kind="quiet" size="small" icon="download" iconOnly onClick={() => save(label)}>
              {t('chart.savePicture')}
            </Button>
          )}
          {table && (
            <Button
              kind="quiet"
              size="small"
              icon={showsTable ? 'chart' : 'table'}
              iconOnly
              onClick={() => setShowsTable(!showsTable)}
            >
              {showsTable ? t('chart.showChart') : t('chart.showTable')}
            </Button>
          )}
        </div>
      )}
      {showTable ? (
        <ChartTable caption={label} content={table()} height={height} />
      ) : (
        <div className={styles.chart} style={{ height }} role="img" aria-label={markedText(label)}>
          <div ref={canvas} className={onPick ? styles.pickable : styles.canvas} aria-hidden="true" />
          {!chart && !failed && <LoadingArea height={height} />}
          {failed && <p className={styles.failed}>{t('chart.failed')}</p>}
          {chart && tooltip && <ChartTooltip chart={chart} content={tooltip} />}
        </div>
      )}
    </figure>
  );
}

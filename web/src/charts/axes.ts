import type { ChartTheme } from './chartTheme';

/** Space around the drawing; labels of axes are within. */
export const GRID = { left: 4, right: 12, top: 10, bottom: 4, containLabel: true };

/** The axis of amounts: faint lines across, labels, no line of its own. */
export function amountAxis(theme: ChartTheme, write: (value: number) => string, most?: number) {
  return {
    type: 'value' as const,
    min: 0,
    ...(most === undefined ? {} : { max: most, interval: most / 4 }),
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: theme.axis, fontSize: 11, hideOverlap: true, formatter: (value: number) => write(value) },
    splitLine: { lineStyle: { color: theme.grid } },
    axisPointer: { show: false },
  };
}

/** The common properties of a bottom axis. */
export function bottomAxis(theme: ChartTheme) {
  return {
    axisLine: { lineStyle: { color: theme.grid } },
    axisTick: { show: true, length: 4, lineStyle: { color: theme.grid } },
    splitLine: { show: false },
    axisPointer: {
      show: true,
      type: 'line' as const,
      snap: false,
      label: { show: false },
      lineStyle: { color: theme.axis, width: 1, type: 'solid' as const, opacity: 0.6 },
    },
  };
}

import { useMemo } from 'react';
import { useTheme } from '../theme/theme';

/** The tokens as a canvas needs them: colours as texts. */
export interface ChartTheme {
  isDark: boolean;
  /** Colours of series, in order; taken again from the first after the last. */
  palette: readonly string[];
  grid: string;
  axis: string;
  text: string;
  textSoft: string;
  surface: string;
  accent: string;
  good: string;
  bad: string;
  warn: string;
  font: string;
}

export const PALETTE_SIZE = 8;

/** The colour of a series as a custom property, for what is drawn by style sheets beside the chart. */
export function seriesColor(place: number): string {
  return `var(--chart-${(place % PALETTE_SIZE) + 1})`;
}

export function useChartTheme(): ChartTheme {
  const theme = useTheme();
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return {
      isDark: theme === 'dark',
      palette: Array.from({ length: PALETTE_SIZE }, (_, place) => token(`chart-${place + 1}`)),
      grid: token('chart-grid'),
      axis: token('chart-axis'),
      text: token('text'),
      textSoft: token('text-soft'),
      surface: token('surface'),
      accent: token('accent'),
      good: token('good'),
      bad: token('bad'),
      warn: token('warn'),
      font: token('font'),
    };
  }, [theme]);
}

/** A colour of the theme, made see-through. */
export function withAlpha(color: string, alpha: number): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (!hex) return color;
  const part = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return `rgba(${part(0)}, ${part(2)}, ${part(4)}, ${alpha})`;
}

import { createElement, useMemo, type ReactNode } from 'react';
import type { Unit } from '../../api/catalogue';
import { columnIndex, numberOf, totalOf, type ReportResponse, type Cell } from '../../api/query';
import type { Column } from '../../components/tables/DataTable';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { MetricHelp } from './MetricHelp';
import { useCatalogue } from '../reportContext';

/** Symbols of units, the same in every language. */
const UNIT_SYMBOLS: Partial<Record<Unit, string>> = { seconds: 's', ms: 'ms' };

interface MetricColumnOptions {
  /** Another header than the name of the metric, which then leads its definition. */
  shortLabel?: (metric: string) => string;
  minWidth: number;
  /** Draws the bars of shares against the whole; else, as all others, against the highest that is shown. */
  isOfWhole?: boolean;
}

/** A column for each metric of a response, with a bar that compares the rows. */
export function useMetricColumns(
  answer: ReportResponse,
  metrics: readonly string[],
  { shortLabel, minWidth, isOfWhole = false }: MetricColumnOptions,
): Column<Cell[]>[] {
  const labels = useLabels();
  const format = useFormat();
  const catalogue = useCatalogue();
  return useMemo(
    () =>
      metrics.map((name): Column<Cell[]> => {
        const place = columnIndex(answer, name);
        const entry = catalogue.metrics.find((metric) => metric.name === name);
        const unit = entry?.unit ?? 'count';
        const value = (row: Cell[]) => numberOf(row[place]);
        const most = answer.rows.reduce((found, row) => Math.max(found, value(row) ?? 0), 0);
        return {
          key: name,
          label: shortLabel ? shortLabel(name) : labels.metric(name),
          title: shortLabel ? labels.metric(name) : undefined,
          help: createElement(MetricHelp, { name }),
          align: 'end',
          unit: UNIT_SYMBOLS[unit],
          value,
          cell: (row) => format.unit(value(row), unit, name),
          bar: (row) => (isOfWhole && unit === 'ratio' ? value(row) : most === 0 ? null : (value(row) ?? 0) / most),
          minWidth,
        };
      }),
    [answer, metrics, shortLabel, minWidth, isOfWhole, labels, format, catalogue],
  );
}

/** The cells below those columns: the totals of a response, with a word in the first column. */
export function useTotalCells(
  answer: ReportResponse,
  metrics: readonly string[],
  first: { key: string; label: string },
): Record<string, ReactNode> {
  const format = useFormat();
  const catalogue = useCatalogue();
  const { key, label } = first;
  return useMemo(() => {
    const cells: Record<string, ReactNode> = { [key]: label };
    for (const name of metrics) {
      const unit = catalogue.metrics.find((metric) => metric.name === name)?.unit ?? 'count';
      cells[name] = format.unit(totalOf(answer, name), unit, name);
    }
    return cells;
  }, [answer, metrics, key, label, format, catalogue]);
}

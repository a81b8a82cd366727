import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiError } from '../../api/client';
import type { TimeSeriesLine } from '../../charts/TimeSeriesChart';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { drawnOver } from '../comparison/period';
import { usePeriodKind, usePeriodName } from '../comparison/usePeriodName';
import { useCatalogue } from '../reportContext';
import type { ReadyScope } from '../useScope';
import { fetchValueLines, LINES, type LinesQuery, type ValueLine, type ValueLines } from './valueLines';

/** The lines of the values of a dimension; null asks for none. */
export function useValueLines(asked: LinesQuery | null, scope: ReadyScope) {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const kind = usePeriodKind(scope.scope);
  const query = useQuery<ValueLines, ApiError>({
    queryKey: ['value lines', asked],
    queryFn: ({ signal }) => {
      if (asked === null) throw new Error('nothing is asked');
      return fetchValueLines(asked, catalogue, signal);
    },
    placeholderData: keepPreviousData,
    enabled: asked !== null,
  });
  const { compared, time_zone: zone } = scope;
  const series = useMemo(() => {
    if (!query.data) return [];
    const { lines, others } = query.data;
    const nameOf = ({ value, name }: ValueLine) => {
      if (value === null || value === '') return t('breakdown.none');
      const word = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
      return name ?? labels.value(word);
    };
    const drawnAt = compared && drawnOver(compared, scope, zone);
    const drawn = (key: string, name: string, line: Pick<ValueLine, 'points' | 'compared'>, color: number): TimeSeriesLine[] => [
      { key, name, points: line.points, color },
      ...(drawnAt && line.compared.length > 0
        ? [{ key: `${key} before`, name: `${name} · ${kind}`, points: line.compared, isCompared: true, drawnAt, color }]
        : []),
    ];
    return [
      ...lines.flatMap((line, place) => drawn(`value ${place}`, nameOf(line), line, place)),
      ...(others ? drawn('others', t('lines.others'), others, LINES) : []),
    ];
  }, [query.data, compared, scope, zone, kind, labels, t]);
  return { query, series };
}

/** What is said of lines: which values have one, and what becomes of the others. */
export function useLinesNote(lines: ValueLines | undefined, scope: ReadyScope): string | null {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat();
  const period = usePeriodName(scope);
  if (!lines || lines.lines.length === 0) return null;
  const { otherValues: count, whyNoOthers } = lines;
  const words = whyNoOthers === 'metric' ? 'lines.notSummed' : whyNoOthers === 'list' ? 'lines.ofLists' : 'lines.together';
  const said = [
    t('lines.most', { metric: labels.metric(lines.most) }),
    ...(count === 0 ? [] : [t(words, { count, shown: format.number(count, 0) })]),
    ...(period === '' ? [] : [t('lines.dashed', { period })]),
  ];
  return said.reduce((first, second) => t('lines.sentences', { first, second }));
}

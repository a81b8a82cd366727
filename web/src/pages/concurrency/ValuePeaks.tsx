import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { othersOf, type ConcurrencyAnswer } from '../../api/panels';
import { Panel } from '../../components/layout/Panel';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { NamedId } from '../../components/text/NamedId';
import { useCatalogue } from '../../filters/reportContext';
import type { ScopeFilter } from '../../filters/scope';
import { dimensionNamed } from '../../filters/scopeFilters';
import { useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { valueFilter } from './concurrencyChoice';

type Row = ConcurrencyAnswer['series'][number];

interface ValuePeaksProps {
  scope: ReadyScope;
  answer: ConcurrencyAnswer;
  /** The dimension of the answer's values. */
  by: string;
}

/** The peak and the average of each value with a line; a row leads to its concurrency alone. */
export function ValuePeaks({ scope, answer, by }: ValuePeaksProps): ReactNode {
  const { t } = useTranslation('concurrency');
  const format = useFormat(scope.time_zone);
  const labels = useLabels();
  const catalogue = useCatalogue();
  const href = useScopedHref();
  const type = dimensionNamed(catalogue, by)?.type ?? 'text';
  const title = t('values.title', { dimension: labels.dimension(by) });
  const columns = useMemo<Column<Row>[]>(() => {
    const highest = Math.max(1, ...answer.series.map(({ peak }) => peak.value));
    return [
      {
        key: 'value',
        label: labels.dimension(by),
        minWidth: 160,
        grows: true,
        value: ({ name, value }) => name ?? value,
        csv: ({ name, value }) => [name, value].filter((text) => text !== null).join(' · '),
        cell: (row) => <NamedId id={row.value} name={row.name} others={othersOf(row)} missing={t('without')} />,
      },
      {
        key: 'peak',
        label: t('tiles.peak'),
        align: 'end',
        minWidth: 110,
        value: ({ peak }) => peak.value,
        cell: ({ peak }) => format.number(peak.value, 0),
        bar: ({ peak }) => peak.value / highest,
      },
      {
        key: 'at',
        label: t('values.at'),
        minWidth: 170,
        value: ({ peak }) => (peak.at === null ? null : Date.parse(peak.at)),
        cell: ({ peak }) => (peak.at === null ? '–' : `${format.date(peak.at)} ${format.timeOfDay(peak.at)}`),
        csv: ({ peak }) => peak.at,
      },
      {
        key: 'average',
        label: t('tiles.average'),
        align: 'end',
        minWidth: 100,
        value: ({ average }) => average,
        cell: ({ average }) => format.number(average, 2),
      },
    ];
  }, [answer, by, format, labels, t]);
  const rowHref = ({ value }: Row) => {
    const filter: ScopeFilter = valueFilter(by, type, value);
    return href('/concurrency', { filters: [...scope.scope.filters, filter] });
  };
  return (
    <Panel title={title} hint={t('values.hint')} flush>
      <DataTable
        caption={title}
        columns={columns}
        rows={answer.series}
        rowKey={({ value }) => JSON.stringify(value)}
        rowHref={rowHref}
        initialSort={{ key: 'peak', direction: 'descending' }}
        maxHeight={420}
      />
    </Panel>
  );
}

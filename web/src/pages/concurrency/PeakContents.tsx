import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePanel } from '../../api/hooks';
import { othersOf, type ConcurrencyAnswer } from '../../api/panels';
import { Panel } from '../../components/layout/Panel';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { NamedId } from '../../components/text/NamedId';
import { panelParams, useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { contentPath } from '../content/contentAddress';
import { scopeOfPeak, secondOf } from './concurrencyChoice';

const LISTED = 10;

type Row = ConcurrencyAnswer['series'][number];

/** What was watched in the second of the peak. */
export function PeakContents({ scope, answer }: { scope: ReadyScope; answer: ConcurrencyAnswer }): ReactNode {
  const { t } = useTranslation('concurrency');
  const format = useFormat(scope.time_zone);
  const href = useScopedHref();
  const peakAt = answer.peak.at;
  const { count, state } = answer;
  const query = usePanel(
    'concurrency',
    peakAt === null
      ? null
      : { ...panelParams(scope, secondOf(peakAt)), count, state, granularity: 'second', by: 'content_id', names: true, limit: LISTED },
  );
  const rows = query.data?.series ?? [];
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        key: 'content',
        label: t('peak.content'),
        minWidth: 180,
        grows: true,
        value: ({ name, value }) => name ?? value,
        csv: ({ name, value }) => [name, value].filter((text) => text !== null).join(' · '),
        cell: (row) => <NamedId id={row.value} name={row.name} others={othersOf(row)} missing={t('without')} />,
      },
      {
        key: 'count',
        label: t(count),
        align: 'end',
        minWidth: 110,
        value: ({ peak }) => peak.value,
        cell: ({ peak }) => format.number(peak.value, 0),
        bar: ({ peak }) => peak.value / Math.max(1, answer.peak.value),
      },
    ],
    [count, answer.peak.value, format, t],
  );
  if (peakAt === null) return null;
  const others = query.data?.other_values ?? 0;
  const time = `${format.date(peakAt)} ${format.timeOfDay(peakAt)}`;
  const hints = [
    t('peak.hint', { time }),
    ...(others > 0 ? [t('peak.others', { count: others, shown: format.number(others, 0) })] : []),
  ];
  return (
    <Panel
      title={t('peak.title')}
      hint={hints.reduce((first, second) => t('sentences', { first, second }))}
      query={query}
      flush={query.data !== undefined}
      actions={<Link to={href('/sessions', scopeOfPeak(scope.scope, peakAt))}>{t('peak.sessions')}</Link>}
    >
      <DataTable
        caption={t('peak.title')}
        columns={columns}
        rows={rows}
        rowKey={({ value }) => JSON.stringify(value)}
        rowHref={({ value }) => {
          const path = value === null ? null : contentPath(value);
          return path === null ? null : href(path);
        }}
        initialSort={{ key: 'count', direction: 'descending' }}
      />
    </Panel>
  );
}

import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePanel } from '../../api/hooks';
import type { ConcurrencyAnswer } from '../../api/panels';
import { Panel } from '../../components/layout/Panel';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { NamedId } from '../../components/text/NamedId';
import { panelParams, useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { scopeOfPeak, secondOf } from './concurrencyChoice';
import { useValueNames } from './useValueNames';

const LISTED = 10;

interface Row {
  value: string | null;
  count: number;
}

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
      : { ...panelParams(scope, secondOf(peakAt)), count, state, granularity: 'second', by: 'content_id', limit: LISTED },
  );
  const rows = useMemo<Row[]>(
    () => query.data?.series.map(({ value, peak }) => ({ value, count: peak.value })) ?? [],
    [query.data],
  );
  const values = useMemo(() => rows.map(({ value }) => value), [rows]);
  const names = useValueNames('content_id', values, scope);
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        key: 'content',
        label: t('peak.content'),
        minWidth: 180,
        grows: true,
        value: ({ value }) => (value === null ? null : (names.get(value) ?? value)),
        csv: ({ value }) => [names.get(value ?? ''), value].filter((text) => text != null).join(' · '),
        cell: ({ value }) => <NamedId id={value} name={names.get(value ?? '') ?? null} missing={t('without')} />,
      },
      {
        key: 'count',
        label: t(count),
        align: 'end',
        minWidth: 110,
        value: (row) => row.count,
        cell: (row) => format.number(row.count, 0),
        bar: (row) => row.count / Math.max(1, answer.peak.value),
      },
    ],
    [names, count, answer.peak.value, format, t],
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
        rowHref={({ value }) => (value === null || value === '' ? null : href(`/content/${encodeURIComponent(value)}`))}
        initialSort={{ key: 'count', direction: 'descending' }}
      />
    </Panel>
  );
}

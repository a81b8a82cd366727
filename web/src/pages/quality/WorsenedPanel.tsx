import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { usePanel } from '../../api/hooks';
import { othersOf, type WorsenedValue } from '../../api/panels';
import { Select } from '../../components/controls/Select';
import { Panel } from '../../components/layout/Panel';
import { EmptyState } from '../../components/states/EmptyState';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { NamedId } from '../../components/text/NamedId';
import { filterOfValue } from '../../filters/scopeFilters';
import { panelParams, useChangeOwnParams, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';

/** What can have got worse: a session is affected if the metric is above 0 in it. */
const METRICS = [
  'error_impacted_streams',
  'start_failures',
  'exits_before_start',
  'stall_impacted_streams',
  'rebuffer_ratio',
] as const;
const LISTED = 20;

/** The values of dimensions whose share of the affected sessions rose most against the stretch before. */
export function WorsenedPanel({ scope }: { scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat(scope.time_zone);
  const labels = useLabels();
  const [params] = useSearchParams();
  const change = useChangeOwnParams();
  const sessionsHref = useSessionsHref();
  const metric = METRICS.find((name) => name === params.get('worse')) ?? METRICS[0];
  const query = usePanel('quality/worsened', { ...panelParams(scope), metric, limit: LISTED, names: true });
  const rows = query.data?.values ?? [];
  const columns = useColumns();
  const empty = query.data !== undefined && rows.length === 0 && (
    <EmptyState icon="check" title={t('worsened.empty')} hint={t('worsened.emptyHint')} />
  );
  const counts = query.data && {
    affected: format.number(query.data.now.affected, 0),
    before: format.number(query.data.before.affected, 0),
    from: format.dateTime(query.data.before_from),
  };
  return (
    <Panel
      title={t('worsened.title')}
      hint={counts ? t('worsened.counts', counts) : t('worsened.hint')}
      query={query}
      empty={empty}
      flush={!empty && query.data !== undefined}
      actions={
        <Select
          label={t('worsened.metric')}
          hideLabel
          value={metric}
          options={METRICS.map((name) => ({ value: name, label: labels.metric(name) }))}
          onChange={(worse) => change({ worse: worse === METRICS[0] ? null : worse })}
        />
      }
    >
      <DataTable
        caption={t('worsened.title')}
        columns={columns}
        rows={rows}
        rowKey={(row) => `${row.dimension} ${row.value ?? ''}`}
        rowSessions={(row) => ({
          href: sessionsHref({
            filters: [filterOfValue(row.dimension, row.value), { dimension: metric, operator: '>', values: [0] }],
            order: `-${metric}`,
          }),
          count: row.now.affected,
        })}
        maxHeight={420}
        isStale={query.isPlaceholderData}
      />
    </Panel>
  );
}

function useColumns(): Column<WorsenedValue>[] {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const labels = useLabels();
  return useMemo<Column<WorsenedValue>[]>(
    () => [
      {
        key: 'value',
        label: t('worsened.value'),
        minWidth: 180,
        grows: true,
        value: (row) => row.name ?? row.value,
        csv: (row) => [row.name, row.value].filter((text) => text !== null).join(' · '),
        cell: (row) =>
          row.name === null ? (
            <HostileText
              text={row.value === null ? null : labels.value(row.value)}
              quotesBlank
              max={80}
              missing={t('errors.withoutValue')}
            />
          ) : (
            <NamedId id={row.value} name={row.name} others={othersOf(row)} missing={t('errors.withoutValue')} />
          ),
      },
      {
        key: 'dimension',
        label: t('worsened.dimension'),
        value: (row) => labels.dimension(row.dimension),
        cell: (row) => labels.dimension(row.dimension),
      },
      {
        key: 'share',
        label: t('worsened.share'),
        definition: t('worsened.shareHint'),
        align: 'end',
        value: (row) => row.share,
        cell: (row) => format.percent(row.share, 1),
        bar: (row) => row.share,
      },
      {
        key: 'share_before',
        label: t('worsened.shareBefore'),
        align: 'end',
        value: (row) => row.share_before,
        cell: (row) => format.percent(row.share_before, 1),
      },
      {
        key: 'rate',
        label: t('worsened.rate'),
        definition: t('worsened.rateHint'),
        align: 'end',
        value: (row) => row.now.rate,
        cell: (row) => format.percent(row.now.rate, 1),
      },
      {
        key: 'rate_before',
        label: t('worsened.rateBefore'),
        align: 'end',
        value: (row) => row.before.rate,
        cell: (row) => format.percent(row.before.rate, 1),
      },
      {
        key: 'affected',
        label: t('worsened.affected'),
        align: 'end',
        value: (row) => row.now.affected,
        cell: (row) => format.number(row.now.affected, 0),
      },
    ],
    [t, format, labels],
  );
}

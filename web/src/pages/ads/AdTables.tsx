import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { AdsAnswer } from '../../api/panels';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { NamedId } from '../../components/text/NamedId';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { Tabs } from '../../components/controls/Tabs';
import { useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { adRows, GROUPINGS, type AdRow, type Grouping } from './adRows';
import styles from './AdTables.module.css';

interface AdTablesProps {
  scope: ReadyScope;
  query: PanelQuery;
  answer: AdsAnswer | undefined;
}

/** Ads by what tells them apart. A row leads to its own ads on this page. */
export function AdTables({ scope, query, answer }: AdTablesProps): ReactNode {
  const { t } = useTranslation('ads');
  const [params] = useSearchParams();
  const changeOwn = useChangeOwnParams();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref('ads');
  const format = useFormat();
  const grouping = GROUPINGS.find((name) => name === params.get('by')) ?? 'ad';
  const columns = useColumns(grouping);
  const rows = useMemo(() => (answer ? adRows(answer, grouping) : []), [answer, grouping]);
  const empty = answer?.ad_starts === 0 && (
    <EmptyState
      icon="ads"
      title={t('empty.title')}
      hint={t('empty.hint')}
      actions={<Link to="/connect">{t('empty.connect')}</Link>}
    />
  );
  const other = answer?.other[`by_${grouping}`] ?? null;
  return (
    <Panel
      title={t('tables.title')}
      hint={t('tables.hint')}
      query={query}
      empty={empty}
      flush={!empty && answer !== undefined}
    >
      <div className={styles.tabs}>
        <Tabs
          label={t('tables.by')}
          tabs={GROUPINGS.map((value) => ({ value, label: t(`tables.${value}`) }))}
          value={grouping}
          onChange={(value) => changeOwn({ by: value === 'ad' ? null : value })}
        >
          <DataTable
            key={grouping}
            caption={`${t('tables.title')}: ${t(`tables.${grouping}`)}`}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.key}
            rowHref={(row) =>
              href('/ads', { filters: [...scope.scope.filters, ...row.filters] }, grouping === 'ad' ? {} : { by: grouping })
            }
            rowSessions={(row) => ({ href: sessionsHref({ filters: row.filters }), count: null })}
            {...(grouping === 'position' ? {} : { initialSort: { key: 'starts', direction: 'descending' as const } })}
            maxHeight={460}
          />
          {other && (
            <p className={styles.note}>
              {t('tables.cut', {
                listed: format.number(rows.length, 0),
                others: format.number(other.values, 0),
                starts: format.number(other.ad_starts, 0),
              })}
            </p>
          )}
        </Tabs>
      </div>
    </Panel>
  );
}

function useColumns(grouping: Grouping): Column<AdRow>[] {
  const { t } = useTranslation('ads');
  const format = useFormat();
  const labels = useLabels();
  return useMemo<Column<AdRow>[]>(() => {
    const count = (key: string, label: string, value: (row: AdRow) => number): Column<AdRow> => ({
      key,
      label,
      align: 'end',
      value,
      cell: (row) => format.number(value(row), 0),
    });
    const position = (key: string, label: string, value: (row: AdRow) => number | null): Column<AdRow> => ({
      key,
      label,
      value,
      cell: (row) => (value(row) === null ? t('tables.unnamed') : format.number(value(row), 0)),
    });
    const name: Column<AdRow> = {
      key: 'name',
      label: t(`tables.${grouping}`),
      minWidth: 140,
      grows: true,
      value: (row) => row.name,
      cell: (row) => <NamedId id={row.id} name={row.name} others={row.others} missing={t('tables.unnamed')} hideId />,
    };
    const id: Column<AdRow> = {
      key: 'id',
      label: labels.dimension('ad_id'),
      value: (row) => row.id,
      cell: (row) => <HostileText text={row.id} max={24} mono />,
    };
    const positions = [
      { ...position('pod', labels.dimension('pod_position'), (row) => row.podPosition), minWidth: 110, grows: true },
      position('place', labels.dimension('ad_pod_position'), (row) => row.adPosition),
    ];
    return [
      ...(grouping === 'position' ? positions : grouping === 'ad' ? [name, id] : [name]),
      {
        key: 'rate',
        label: t('columns.rate'),
        help: <MetricHelp name="ad_completion_rate" />,
        align: 'end',
        minWidth: 120,
        value: (row) => row.ad_completion_rate,
        cell: (row) => format.percent(row.ad_completion_rate),
        bar: (row) => row.ad_completion_rate,
      },
      { ...count('starts', t('columns.starts'), (row) => row.ad_starts), help: <MetricHelp name="ad_starts" /> },
      { ...count('completes', t('columns.completes'), (row) => row.ad_completes), help: <MetricHelp name="ad_completes" /> },
      { ...count('skips', t('columns.skips'), (row) => row.ad_skips), help: <MetricHelp name="ad_skips" /> },
      count('cutShort', t('columns.notCompleted'), (row) => row.ads_not_completed),
      {
        key: 'time',
        label: t('columns.time'),
        help: <MetricHelp name="ad_time_spent" />,
        align: 'end',
        unit: 's',
        value: (row) => row.ad_time_spent,
        cell: (row) => format.duration(row.ad_time_spent),
      },
    ];
  }, [t, format, labels, grouping]);
}

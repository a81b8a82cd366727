import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { QualityAnswer } from '../../api/panels';
import { Badge } from '../../components/Badge';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { ErrorState } from '../../components/states/ErrorState';
import { HostileText } from '../../components/text/HostileText';
import { Loading } from '../../components/states/Loading';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import { Tabs } from '../../components/controls/Tabs';
import type { ScopeFilter } from '../../filters/scope';
import { filterOfValue } from '../../filters/scopeFilters';
import { useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { ErrorsByDimension } from './ErrorsByDimension';
import styles from './ErrorsPanel.module.css';

const TABS = ['error_id', 'player_name', 'app_version', 'channel'] as const;
type Tab = (typeof TABS)[number];

interface ErrorsPanelProps {
  scope: ReadyScope;
  query: PanelQuery;
  answer: QualityAnswer | undefined;
}

/** Which errors there were, and where. A row leads to its own sessions on this page. */
export function ErrorsPanel({ scope, query, answer }: ErrorsPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const labels = useLabels();
  const [params] = useSearchParams();
  const changeOwn = useChangeOwnParams();
  const tab = TABS.find((name) => name === params.get('errors')) ?? 'error_id';
  const choose = (name: Tab) => changeOwn({ errors: name === 'error_id' ? null : name });
  return (
    <Panel title={t('errors.title')} hint={t('errors.hint')} flush>
      <div className={styles.tabs}>
        <Tabs
          label={t('errors.by')}
          tabs={TABS.map((value) => ({ value, label: labels.dimension(value) }))}
          value={tab}
          onChange={choose}
        >
          {tab === 'error_id' ? (
            <ErrorsById scope={scope} query={query} answer={answer} />
          ) : (
            // With a key of its own, so that one dimension's old rows are never shown under another's name.
            <ErrorsByDimension key={tab} dimension={tab} scope={scope} />
          )}
        </Tabs>
      </div>
    </Panel>
  );
}

type ErrorRow = QualityAnswer['errors_by_id'][number];

function ErrorsById({ scope, query, answer }: ErrorsPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const labels = useLabels();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const rows = answer?.errors_by_id ?? [];
  const other = answer?.other.errors_by_id ?? null;
  const most = Math.max(0, ...rows.map(({ sessions }) => sessions));
  const columns = useMemo<Column<ErrorRow>[]>(
    () => [
      {
        key: 'error',
        label: labels.dimension('error_id'),
        minWidth: 140,
        grows: true,
        value: (row) => row.error_id,
        cell: (row) => (
          <HostileText text={row.error_id} max={80} mono quotesBlank missing={t('errors.withoutId')} />
        ),
      },
      {
        key: 'source',
        label: labels.dimension('error_source'),
        value: (row) => row.source,
        cell: (row) => (row.source ? <Badge>{labels.value(row.source)}</Badge> : null),
      },
      {
        key: 'sessions',
        label: labels.metric('sessions'),
        help: <MetricHelp name="sessions" />,
        align: 'end',
        minWidth: 110,
        value: (row) => row.sessions,
        cell: (row) => format.number(row.sessions, 0),
        bar: (row) => (most === 0 ? 0 : row.sessions / most),
      },
      {
        key: 'rate',
        label: t('errors.ofAll'),
        align: 'end',
        value: (row) => row.error_rate,
        cell: (row) => format.percent(row.error_rate, 2),
      },
    ],
    [t, format, labels, most],
  );
  const rowHref = ({ error_id: id, source }: ErrorRow) => {
    if (id === null) return null;
    // A session lists the ids of all sources but `external` as its player's.
    const dimension = source === 'external' ? 'external_errors' : 'player_errors';
    const filter: ScopeFilter = { dimension, operator: 'in', values: [id] };
    return href('/quality', { filters: [...scope.scope.filters, filter] });
  };
  return (
    <TabStates query={query} isEmpty={answer !== undefined && rows.length === 0}>
      <DataTable
        caption={t('errors.title')}
        columns={columns}
        rows={rows}
        rowKey={(row, place) => `${row.source} ${row.error_id ?? place}`}
        rowHref={rowHref}
        rowSessions={({ error_id: id, source, sessions }) => ({
          href: sessionsHref({ filters: [filterOfValue('error_id', id), filterOfValue('error_source', source)] }),
          count: sessions,
        })}
        initialSort={{ key: 'sessions', direction: 'descending' }}
        maxHeight={420}
        isStale={query.isPlaceholderData === true}
      />
      {other && (
        <p className={styles.note}>
          {t('errors.cut', {
            listed: format.number(rows.length, 0),
            others: format.number(other.values, 0),
            errors: format.number(other.errors, 0),
          })}
        </p>
      )}
    </TabStates>
  );
}

/** The states of one sheet; the tabs above it stay where they are. */
export function TabStates({
  query,
  isEmpty,
  children,
}: {
  query: PanelQuery;
  isEmpty: boolean;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation('quality');
  if (query.error && query.data === undefined) {
    return (
      <div className={styles.state}>
        <ErrorState error={query.error} onRetry={() => void query.refetch?.()} />
      </div>
    );
  }
  if (query.isPending) {
    return (
      <div className={styles.state}>
        <Loading lines={5} />
      </div>
    );
  }
  if (!isEmpty) return children;
  return (
    <div className={styles.state}>
      <EmptyState icon="check" title={t('errors.empty')} hint={t('errors.emptyHint')} />
    </div>
  );
}

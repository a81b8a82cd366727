import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useSessions } from '../../../api/hooks';
import { allSessionsOf } from '../../../api/wholeTables';
import type { SessionsParams } from '../../../api/sessions';
import { Button } from '../../../components/controls/Button';
import { DataTable } from '../../../components/tables/DataTable';
import { EmptyState } from '../../../components/states/EmptyState';
import { Page } from '../../../components/layout/Page';
import { PageHeader } from '../../../components/layout/PageHeader';
import { Panel } from '../../../components/layout/Panel';
import { ScopeBar } from '../../../filters/ScopeBar';
import { momentsOf } from '../../../filters/scopeRange';
import { useChangeOwnParams, useScope, useScopedHref } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { useLabels } from '../../../i18n/useLabels';
import styles from './SessionListPage.module.css';
import { SearchForm } from './SearchForm';
import { completeId, isSearching, NO_SEARCH, readSearch, withFilters, writeSearch, type SessionSearch } from './sessionSearch';
import { useSessionColumns } from './useSessionColumns';

const PAGE_ROWS = 50;

/** Search among all sessions. */
export default function SessionListPage(): ReactNode {
  const { t } = useTranslation('sessions');
  const scope = useScope();
  const format = useFormat(scope.time_zone);
  const labels = useLabels();
  const [params] = useSearchParams();
  const { search, ignored } = useMemo(
    () => withFilters(readSearch(params), scope.scope.filters),
    [params, scope.scope.filters],
  );
  const change = useChangeOwnParams();
  const navigate = useNavigate();
  const href = useScopedHref();
  const asked = useMemo(() => paramsOf(search, scope, scope.time_zone), [search, scope]);
  const sessions = useSessions(asked);
  const columns = useSessionColumns(scope.time_zone);
  const rows = useMemo(() => sessions.data?.pages.flatMap((page) => page.sessions) ?? [], [sessions.data]);

  const submit = (next: SessionSearch) => {
    const id = completeId(next.q);
    if (id) navigate(href(`/sessions/${id}`));
    else change(writeSearch(next));
  };
  const isEmpty = sessions.data !== undefined && rows.length === 0;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ScopeBar rangeOnly />
      <SearchForm key={JSON.stringify(search)} search={search} onSubmit={submit} />
      {ignored.length > 0 && (
        <p className={styles.note}>
          {t('search.ignored', { dimensions: ignored.map(({ dimension }) => labels.dimension(dimension)).join(', ') })}
        </p>
      )}
      <Panel
        title={t('list.title')}
        query={sessions}
        flush={!isEmpty && sessions.data !== undefined}
        empty={isEmpty && <NoSessions isSearching={isSearching(search)} onClear={() => change(writeSearch(NO_SEARCH))} />}
      >
        <DataTable
          caption={t('list.title')}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.session_id}
          rowHref={(row) => href(`/sessions/${row.session_id}`)}
          allRows={() => allSessionsOf(asked)}
        />
        <div className={styles.footer}>
          <span role="status">
            {t('list.shown', { count: rows.length, shown: format.number(rows.length, 0) })}
            {!sessions.hasNextPage && ` ${t('list.end')}`}
          </span>
          {sessions.hasNextPage && (
            <Button disabled={sessions.isFetchingNextPage} onClick={() => void sessions.fetchNextPage()}>
              {sessions.isFetchingNextPage ? t('list.loadingMore') : t('list.more')}
            </Button>
          )}
        </div>
      </Panel>
    </Page>
  );
}

function NoSessions({ isSearching: searches, onClear }: { isSearching: boolean; onClear: () => void }): ReactNode {
  const { t } = useTranslation('sessions');
  if (!searches) {
    const connect = <Link to="/connect">{t('list.connect')}</Link>;
    return <EmptyState icon="sessions" title={t('list.emptyTitle')} hint={t('list.emptyHint')} actions={connect} />;
  }
  return (
    <EmptyState
      icon="search"
      title={t('list.emptySearchTitle')}
      hint={t('list.emptySearchHint')}
      actions={<Button onClick={onClear}>{t('search.clear')}</Button>}
    />
  );
}

function paramsOf(search: SessionSearch, range: { from: string; to: string }, zone: string): SessionsParams {
  // This call knows no time zones.
  const { fromMs, toMs } = momentsOf(range, zone);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    q: search.q || undefined,
    visitor_id: search.visitor || undefined,
    content_id: search.content || undefined,
    report_suite: search.suite || undefined,
    diagnosis: search.diagnosis || undefined,
    open: search.state === '' ? undefined : search.state === 'open',
    limit: PAGE_ROWS,
  };
}

import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useSessions } from '../../../api/hooks';
import { allSessionsOf } from '../../../api/wholeTables';
import type { SessionsParams } from '../../../api/sessions';
import { Button } from '../../../components/controls/Button';
import { DataTable } from '../../../components/tables/DataTable';
import { orderOf, sortOf } from '../../../components/tables/tableOrder';
import { EmptyState } from '../../../components/states/EmptyState';
import { Page } from '../../../components/layout/Page';
import { PageHeader } from '../../../components/layout/PageHeader';
import { Panel } from '../../../components/layout/Panel';
import { ScopeBar } from '../../../filters/ScopeBar';
import { panelParams, useChangeOwnParams, useChangeScope, useScope, useScopedHref, type ReadyScope } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { MoreSessions } from './MoreSessions';
import { OrderChoice } from './OrderChoice';
import { SearchForm } from './SearchForm';
import { completeId, isSearching, NO_SEARCH, readSearch, writeSearch, type SessionSearch } from './sessionSearch';
import { useSessionColumns } from './useSessionColumns';

const PAGE_ROWS = 50;
/** The latest start first. */
const USUAL_ORDER = '-started_at';

/** Search among all sessions. */
export default function SessionListPage(): ReactNode {
  const { t } = useTranslation('sessions');
  const scope = useScope('any');
  const format = useFormat(scope.time_zone);
  const [params] = useSearchParams();
  const search = useMemo(() => readSearch(params), [params]);
  const order = params.get('order') ?? USUAL_ORDER;
  const change = useChangeOwnParams();
  const changeScope = useChangeScope();
  const navigate = useNavigate();
  const href = useScopedHref();
  const asked = useMemo(() => paramsOf(search, scope, order), [search, scope, order]);
  const sessions = useSessions(asked);
  const columns = useSessionColumns(scope.time_zone);
  const total = sessions.data?.pages.at(-1)?.total ?? null;
  const rows = useMemo(() => sessions.data?.pages.flatMap((page) => page.sessions) ?? [], [sessions.data]);

  const submit = (next: SessionSearch) => {
    const id = completeId(next.q);
    if (id) navigate(href(`/sessions/${id}`));
    else change(writeSearch(next));
  };
  const clear = () => {
    change(writeSearch(NO_SEARCH));
    changeScope({ filters: [] });
  };
  const isEmpty = sessions.data !== undefined && rows.length === 0;
  return (
    <Page>
      <PageHeader title={t('title')} hint={t('hint')} />
      <ScopeBar fact="any" hideCompare />
      <SearchForm key={JSON.stringify(search)} search={search} onSubmit={submit} />
      <Panel
        title={total === null ? t('title') : t('list.total', { count: total, shown: format.number(total, 0) })}
        actions={<OrderChoice order={order} onChange={(next) => change({ order: next === USUAL_ORDER ? null : next })} />}
        query={sessions}
        flush={!isEmpty && sessions.data !== undefined}
        empty={isEmpty && <NoSessions isSearching={isSearching(search) || scope.filters.length > 0} onClear={clear} />}
      >
        <DataTable
          caption={t('title')}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.session_id}
          rowHref={(row) => href(`/sessions/${row.session_id}`)}
          sort={sortOf(order)}
          onSort={(sort) => change({ order: orderOf(sort) === USUAL_ORDER ? null : orderOf(sort) })}
          allRows={() => allSessionsOf(asked)}
        />
        <MoreSessions shown={rows.length} query={sessions} />
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

function paramsOf(search: SessionSearch, scope: ReadyScope, order: string): SessionsParams {
  return {
    ...panelParams(scope),
    q: search.q || undefined,
    visitor_id: search.visitor || undefined,
    content_id: search.content || undefined,
    report_suite: search.suite || undefined,
    diagnosis: search.diagnosis || undefined,
    open: search.state === '' ? undefined : search.state === 'open',
    order_by: order,
    limit: PAGE_ROWS,
  };
}

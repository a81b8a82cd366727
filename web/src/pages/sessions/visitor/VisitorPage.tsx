import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { allSessionsOf } from '../../../api/wholeTables';
import { CopyButton } from '../../../components/controls/CopyButton';
import { Icon } from '../../../components/Icon';
import { Page } from '../../../components/layout/Page';
import { PageHeader } from '../../../components/layout/PageHeader';
import { Panel } from '../../../components/layout/Panel';
import { DataTable } from '../../../components/tables/DataTable';
import { textForChart } from '../../../components/text/clipText';
import { HostileText } from '../../../components/text/HostileText';
import { ScopeBar } from '../../../filters/ScopeBar';
import { useScope, useScopedHref } from '../../../filters/useScope';
import { MoreSessions } from '../list/MoreSessions';
import { useSessionColumns } from '../list/useSessionColumns';
import { NoSessionsOfVisitor } from './NoSessionsOfVisitor';
import { kindsOf, useVisitor } from './useVisitor';
import { visitorOfPath } from './visitorAddress';
import styles from './VisitorPage.module.css';
import { VisitorTiles } from './VisitorTiles';

/** One visitor: all sessions in the range, and what went wrong in them. */
export default function VisitorPage(): ReactNode {
  const { pathname } = useLocation();
  const id = visitorOfPath(pathname);
  // Nothing of another visitor stays while this one loads.
  return <OneVisitor key={id} id={id} />;
}

function OneVisitor({ id }: { id: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const scope = useScope();
  const visitor = useVisitor(id, scope);
  const { totals, sessions, seen } = visitor;
  const kinds = kindsOf(totals.data);
  const isEmpty = sessions.data !== undefined && sessions.data.pages[0]?.sessions.length === 0;
  return (
    <Page>
      <VisitorHeader id={id} />
      <ScopeBar rangeOnly />
      {totals.data ? (
        <VisitorTiles answer={totals.data} seen={seen} isStale={totals.isPlaceholderData} timeZone={scope.time_zone} />
      ) : (
        <Panel query={totals} loadingHeight={64} />
      )}
      {kinds > 1 && <p className={styles.note}>{t('visitor.severalKinds', { count: kinds })}</p>}
      {isEmpty ? (
        <Panel title={t('visitor.sessions')} empty={<NoSessionsOfVisitor id={id} timeZone={scope.time_zone} />} />
      ) : (
        <VisitorSessions visitor={visitor} timeZone={scope.time_zone} />
      )}
    </Page>
  );
}

function VisitorHeader({ id }: { id: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const href = useScopedHref();
  const windowTitle = useMemo(() => textForChart(id, 60), [id]);
  return (
    <PageHeader
      title={t('visitor.title')}
      windowTitle={windowTitle}
      above={
        <Link to={href('/sessions')} className={styles.back}>
          <Icon name="left" size={14} />
          {t('visitor.back')}
        </Link>
      }
      hint={t('visitor.hint')}
      actions={
        <CopyButton text={id} size="normal" kind="quiet">
          {t('visitor.copyId')}
        </CopyButton>
      }
    >
      <HostileText text={id} max={120} wrap mono expandable />
    </PageHeader>
  );
}

function VisitorSessions({ visitor, timeZone }: { visitor: ReturnType<typeof useVisitor>; timeZone: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const href = useScopedHref();
  const { asked, sessions } = visitor;
  const all = useSessionColumns(timeZone);
  const columns = useMemo(
    () =>
      all
        .filter(({ key }) => key !== 'visitor')
        // The list is in the order of the starts: sorting what is loaded so far would not sort all of them.
        .map(({ value, ...column }) => ({ ...column, ...(column.csv || !value ? {} : { csv: value }) })),
    [all],
  );
  const rows = useMemo(() => sessions.data?.pages.flatMap((page) => page.sessions) ?? [], [sessions.data]);
  return (
    <Panel title={t('visitor.sessions')} query={sessions} flush={sessions.data !== undefined}>
      <DataTable
        caption={t('visitor.sessions')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.session_id}
        rowHref={(row) => href(`/sessions/${row.session_id}`)}
        allRows={() => allSessionsOf(asked)}
      />
      <MoreSessions shown={rows.length} query={sessions} />
    </Panel>
  );
}

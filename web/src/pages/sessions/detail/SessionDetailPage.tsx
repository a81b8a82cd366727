import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ApiError } from '../../../api/client';
import { useSession } from '../../../api/hooks';
import { textForChart } from '../../../components/text/clipText';
import { CopyButton } from '../../../components/controls/CopyButton';
import { EmptyState } from '../../../components/states/EmptyState';
import { ErrorState } from '../../../components/states/ErrorState';
import { HostileText } from '../../../components/text/HostileText';
import { Icon } from '../../../components/Icon';
import { Loading } from '../../../components/states/Loading';
import { Page } from '../../../components/layout/Page';
import { PageHeader } from '../../../components/layout/PageHeader';
import { useScope, useScopedHref } from '../../../filters/useScope';
import { useFormat } from '../../../format/useFormat';
import { ExclusionActions, ExclusionNote } from './ExclusionActions';
import { ReplayActions } from './ReplayActions';
import { SessionFacts } from './SessionFacts';
import { SessionTimeline } from './SessionTimeline';
import { SessionState } from '../list/useSessionColumns';
import { useSessionRecord } from './useSessionRecord';
import styles from './SessionDetailPage.module.css';

/** The refresh interval of an open session. */
const REFRESH_MS = 5_000;

/** One session: what it was, what happened in it, and why its numbers are what they are. */
export default function SessionDetailPage(): ReactNode {
  const { sessionId = '' } = useParams();
  return <OneSession key={sessionId} sessionId={sessionId} />;
}

function OneSession({ sessionId }: { sessionId: string }): ReactNode {
  const { t } = useTranslation('sessions');
  const { time_zone } = useScope();
  const format = useFormat(time_zone);
  const href = useScopedHref();
  const session = useSession(sessionId, REFRESH_MS);
  const isOpen = session.data?.is_open === true;
  const { query, record } = useSessionRecord(sessionId, isOpen ? REFRESH_MS : false);
  useLastRefresh(isOpen, sessionId);
  const title = session.data?.content_name ?? session.data?.content_id ?? sessionId.slice(0, 12);
  const windowTitle = useMemo(() => textForChart(title, 60), [title]);
  const back = (
    <Link to={href('/sessions')} className={styles.back}>
      <Icon name="left" size={14} />
      {t('detail.back')}
    </Link>
  );
  if (session.error && !session.data) {
    const isMissing = session.error instanceof ApiError && session.error.status === 404;
    return (
      <Page>
        <PageHeader title={t('title')} above={back} />
        {isMissing ? (
          <EmptyState icon="search" title={t('detail.notFound')} hint={t('detail.notFoundHint')} actions={back} />
        ) : (
          <ErrorState error={session.error} onRetry={() => void session.refetch()} />
        )}
      </Page>
    );
  }
  return (
    <Page>
      <PageHeader
        title={windowTitle}
        above={back}
        badge={session.data && <SessionState row={session.data} />}
        hint={isOpen && t('detail.refreshing', { seconds: format.number(REFRESH_MS / 1000) })}
        actions={
          <>
            <CopyButton text={sessionId} size="normal" kind="quiet">
              {t('detail.copyId')}
            </CopyButton>
            {session.data && <ExclusionActions sessionId={sessionId} exclusion={session.data.exclusion} />}
            {record && <ReplayActions title={title} sessionId={sessionId} record={record} />}
          </>
        }
      >
        <HostileText text={title} max={120} />
      </PageHeader>
      {session.data?.exclusion && <ExclusionNote exclusion={session.data.exclusion} timeZone={time_zone} />}
      {session.data ? <SessionFacts session={session.data} timeZone={time_zone} /> : <Loading lines={2} />}
      {query.error && !record && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {session.data && record && (
        <SessionTimeline
          session={session.data}
          record={record}
          timeZone={time_zone}
         
        />
      )}
      {!query.error && (!session.data || !record) && <Loading lines={8} />}
    </Page>
  );
}

/** When a session closes, its data is fetched once more. */
function useLastRefresh(isOpen: boolean, sessionId: string): void {
  const client = useQueryClient();
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (wasOpen.current && !isOpen) {
      void client.invalidateQueries({ queryKey: ['session-record', sessionId] });
      void client.invalidateQueries({ queryKey: ['explain', sessionId] });
    }
    wasOpen.current = isOpen;
  }, [isOpen, sessionId, client]);
}

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { useSessions } from '../../../api/hooks';
import { Button } from '../../../components/controls/Button';
import { useFormat } from '../../../format/useFormat';
import styles from './MoreSessions.module.css';

interface MoreSessionsProps {
  shown: number;
  query: ReturnType<typeof useSessions>;
}

/** Below a list of sessions: how many are there so far, and the next page. */
export function MoreSessions({ shown, query }: MoreSessionsProps): ReactNode {
  const { t } = useTranslation('sessions');
  const format = useFormat();
  return (
    <div className={styles.footer}>
      <span role="status">
        {t('list.shown', { count: shown, shown: format.number(shown, 0) })}
        {!query.hasNextPage && ` ${t('list.end')}`}
      </span>
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? t('list.loadingMore') : t('list.more')}
        </Button>
      )}
    </div>
  );
}

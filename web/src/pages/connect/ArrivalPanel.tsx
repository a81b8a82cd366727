import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button } from '../../components/controls/Button';
import { classNames } from '../../components/classNames';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { useFormat } from '../../format/useFormat';
import styles from './ArrivalPanel.module.css';
import { useArrival } from './useArrival';
import { useTestSession, type TestSession } from './useTestSession';

/** Waits for the first event, and turns green when it is there. */
export function ArrivalPanel(): ReactNode {
  const { t } = useTranslation('connect');
  const format = useFormat();
  const { status, events, session, again } = useArrival();
  const test = useTestSession();
  const hasArrived = events > 0;
  const isInterrupted = status === 'offline' || status === 'stale';
  return (
    <section className={classNames(styles.panel, hasArrived && styles.arrived)} aria-live="polite">
      <span className={styles.sign} aria-hidden="true">
        {hasArrived ? <Icon name="check" size={22} /> : <span className={styles.pulse} />}
      </span>
      <div className={styles.text}>
        <h2 className={styles.title}>{t(hasArrived ? 'waiting.arrived' : 'waiting.title')}</h2>
        {!hasArrived && <p className={styles.hint}>{t(isInterrupted ? 'waiting.offline' : 'waiting.hint')}</p>}
        {hasArrived && (
          <p className={styles.hint}>
            {t('waiting.rate', { count: events, shown: format.number(events, 0) })}
            {session && ` · ${t('waiting.session', { time: format.timeOfDay(session.received_at) })} · `}
            {session && <HostileText text={session.content_name ?? session.content_id} max={48} />}
          </p>
        )}
      </div>
      <div className={styles.actions}>
        {session && <Link to={`/sessions/${session.session_id}`}>{t('waiting.look')}</Link>}
        {hasArrived && (
          <Button kind="quiet" size="small" icon="refresh" onClick={again}>
            {t('waiting.again')}
          </Button>
        )}
        <TestButton test={test} />
      </div>
      <TestNote test={test} />
    </section>
  );
}

function TestButton({ test }: { test: TestSession }): ReactNode {
  const { t } = useTranslation('connect');
  return (
    <>
      {test.sessionId !== null && <Link to={`/sessions/${test.sessionId}`}>{t('ways.lookAtTest')}</Link>}
      <Button size="small" icon="play" disabled={test.isSending} onClick={() => void test.send()}>
        {t(test.isSending ? 'ways.trying' : 'ways.try')}
      </Button>
    </>
  );
}

/** Whether reports count the test session, and what to do about it. */
function TestNote({ test }: { test: TestSession }): ReactNode {
  const { t } = useTranslation('connect');
  const { isCounted, canExclude, fault } = test;
  if (test.sessionId === null || isCounted === null) return null;
  return (
    <p className={styles.test} role="status">
      <span>
        {!isCounted && t('test.excluded')}
        {isCounted && t(canExclude ? 'test.counted' : 'test.countedForReader')}
        {fault !== null && ` ${t('test.failed', { message: fault })}`}
      </span>
      {canExclude && (
        <Button kind="quiet" size="small" onClick={isCounted ? test.exclude : test.count}>
          {t(isCounted ? 'test.exclude' : 'test.count')}
        </Button>
      )}
    </p>
  );
}

import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAccess } from '../../api/hooks';
import { Button } from '../../components/controls/Button';
import { classNames } from '../../components/classNames';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { showToast } from '../../components/overlays/toasts';
import { useFormat } from '../../format/useFormat';
import styles from './ArrivalPanel.module.css';
import { sendTestSession } from './testSession';
import { useArrival } from './useArrival';

/** Waits for the first event, and turns green when it is there. */
export function ArrivalPanel(): ReactNode {
  const { t } = useTranslation('connect');
  const format = useFormat();
  const { status, events, session, again } = useArrival();
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
        <TestButton />
      </div>
    </section>
  );
}

function TestButton(): ReactNode {
  const { t } = useTranslation('connect');
  const { data } = useAccess();
  const [isSending, setIsSending] = useState(false);
  const [sent, setSent] = useState<string | null>(null);
  const send = async () => {
    setIsSending(true);
    try {
      setSent(await sendTestSession(data?.report_suites[0] ?? 'playhead-test'));
      showToast(t('ways.tried'), 'good');
    } catch (error) {
      showToast(t('ways.tryFailed', { message: error instanceof Error ? error.message : '' }), 'bad');
    }
    setIsSending(false);
  };
  return (
    <>
      {sent !== null && <Link to={`/sessions/${sent}`}>{t('ways.lookAtTest')}</Link>}
      <Button size="small" icon="play" disabled={isSending} onClick={() => void send()}>
        {t(isSending ? 'ways.trying' : 'ways.try')}
      </Button>
    </>
  );
}

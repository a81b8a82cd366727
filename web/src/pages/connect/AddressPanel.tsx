import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccess } from '../../api/hooks';
import { CopyButton } from '../../components/controls/CopyButton';
import { HostileText } from '../../components/text/HostileText';
import { Panel } from '../../components/layout/Panel';
import styles from './AddressPanel.module.css';

/** Where players send to, and what the server expects of what they send. */
export function AddressPanel(): ReactNode {
  const { t } = useTranslation('connect');
  const { data } = useAccess();
  const { origin, protocol } = window.location;
  return (
    <Panel title={t('address.title')} hint={t('address.hint', { path: '/api/v1/sessions' })}>
      <div className={styles.address}>
        <code className={styles.origin}>{origin}</code>
        <CopyButton text={origin} />
      </div>
      {protocol !== 'https:' && <p className={styles.note}>{t('address.plain')}</p>}
      {data && (
        <p className={styles.note}>
          <strong>{t('address.validation', { level: data.validation })}</strong> {t(`address.levels.${data.validation}`)}
        </p>
      )}
      {data && data.report_suites.length > 0 && (
        <p className={styles.note}>
          {t('address.suites')}{' '}
          {data.report_suites.slice(0, 20).map((suite) => (
            <code key={suite} className={styles.suite}>
              <HostileText text={suite} max={60} />
            </code>
          ))}
        </p>
      )}
    </Panel>
  );
}

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { useFaultText } from '../../i18n/useFaultText';
import { Button } from '../controls/Button';
import { HostileText } from '../text/HostileText';
import { Icon } from '../Icon';
import styles from './States.module.css';

/** The reason for a missing response, and the remedy. */
export function ErrorState({ error, onRetry }: { error: Error; onRetry?: () => void }): ReactNode {
  const { t } = useTranslation();
  const said = useFaultText();
  const faults = error instanceof ApiError ? error.errors : [];
  const kind = kindOf(error);
  return (
    <div className={styles.state} role="alert">
      <span className={`${styles.icon} ${styles.bad}`}>
        <Icon name="warning" size={20} />
      </span>
      <p className={styles.title}>{t(`error.${kind}.title`)}</p>
      <p className={styles.hint}>{t(`error.${kind}.hint`)}</p>
      {kind !== 'unreachable' && error.message !== '' && (
        <p className={styles.detail}>
          <HostileText text={said(error.message)} max={400} wrap />
        </p>
      )}
      {faults.length > 0 && (
        <ul className={styles.faults}>
          {faults.slice(0, 8).map(({ path, message }, place) => (
            <li key={place}>
              <code>
                <HostileText text={path} max={120} wrap />
              </code>{' '}
              <HostileText text={said(message)} max={300} wrap />
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <div className={styles.actions}>
          <Button icon="refresh" onClick={onRetry}>
            {t('retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

function kindOf(error: Error): 'unreachable' | 'forbidden' | 'notFound' | 'invalid' | 'busy' | 'failed' {
  if (!(error instanceof ApiError)) return 'failed';
  if (error.isUnreachable) return 'unreachable';
  switch (error.status) {
    case 400:
    case 422:
      return 'invalid';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return 'notFound';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'busy';
    default:
      return 'failed';
  }
}

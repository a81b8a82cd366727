import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useHasSessions } from '../../api/hooks';
import { useExportScope } from '../exportScope';
import { Icon, type IconName } from '../Icon';
import styles from './States.module.css';

interface EmptyStateProps {
  icon?: IconName;
  title: string;
  /** The next step. */
  hint?: ReactNode;
  actions?: ReactNode;
}

/** Where there is nothing to show: why, and what to do next. */
export function EmptyState(props: EmptyStateProps): ReactNode {
  const { t } = useTranslation();
  // On pages of a range: before the first session neither another range nor fewer filters help, and nothing is in order.
  const hasSessions = useHasSessions(useExportScope() !== null);
  if (hasSessions) return <State {...props} />;
  const connect = <Link to="/connect">{t('emptyServer.connect')}</Link>;
  return <State icon="sessions" title={t('emptyServer.title')} hint={t('emptyServer.hint')} actions={connect} />;
}

function State({ icon = 'info', title, hint, actions }: EmptyStateProps): ReactNode {
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={20} />
      </span>
      <p className={styles.title}>{title}</p>
      {hint && <div className={styles.hint}>{hint}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

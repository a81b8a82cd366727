import type { ReactNode } from 'react';
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
export function EmptyState({ icon = 'info', title, hint, actions }: EmptyStateProps): ReactNode {
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

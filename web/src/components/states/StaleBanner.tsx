import type { ReactNode } from 'react';
import { Icon } from '../Icon';
import styles from './StaleBanner.module.css';

/** Says that what is shown is out of date, and what is being done about it. */
export function StaleBanner({ children, actions }: { children: ReactNode; actions?: ReactNode }): ReactNode {
  return (
    <div className={styles.banner} role="status">
      <Icon name="warning" />
      <span className={styles.text}>{children}</span>
      {actions}
    </div>
  );
}

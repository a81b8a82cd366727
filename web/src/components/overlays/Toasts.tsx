import type { ReactNode } from 'react';
import { classNames } from '../classNames';
import { Icon } from '../Icon';
import styles from './Toasts.module.css';
import { useToasts } from './toasts';

export function Toasts(): ReactNode {
  const toasts = useToasts();
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {toasts.map(({ id, text, tone }) => (
        <div key={id} className={classNames(styles.toast, styles[tone])}>
          <Icon name={tone === 'bad' ? 'warning' : 'check'} />
          {text}
        </div>
      ))}
    </div>
  );
}

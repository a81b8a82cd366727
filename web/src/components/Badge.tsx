import type { ReactNode } from 'react';
import styles from './Badge.module.css';
import { classNames } from './classNames';

export type Tone = 'neutral' | 'good' | 'bad' | 'warn' | 'info';

/** A short state or count. With `dot` the tone is also a point before the text. */
export function Badge({
  tone = 'neutral',
  dot = false,
  children,
}: {
  tone?: Tone;
  dot?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <span className={classNames(styles.badge, styles[tone])}>
      {dot && <span className={styles.dot} aria-hidden="true" />}
      {children}
    </span>
  );
}

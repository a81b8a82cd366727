import type { ReactNode } from 'react';
import styles from './Logo.module.css';

/** The mark: a playhead on a timeline. With the name beside it unless `markOnly`. */
export function Logo({ markOnly = false, size = 24 }: { markOnly?: boolean; size?: number }): ReactNode {
  return (
    <span className={styles.logo}>
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
        <rect x="1" y="13" width="22" height="4" rx="2" className={styles.rest} />
        <rect x="1" y="13" width="12" height="4" rx="2" className={styles.played} />
        <path
          d="M8.5 2h8a1 1 0 0 1 1 1v3.4a1 1 0 0 1-.29.7l-4 4a1 1 0 0 1-1.42 0l-4-4a1 1 0 0 1-.29-.7V3a1 1 0 0 1 1-1z"
          className={styles.head}
        />
        <rect x="11.5" y="10" width="2" height="12" rx="1" className={styles.head} />
      </svg>
      {!markOnly && <span className={styles.name}>Playhead</span>}
    </span>
  );
}

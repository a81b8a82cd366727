import type { ReactNode } from 'react';
import styles from './Page.module.css';

/** The column of a page: its parts below each other at even distance. */
export function Page({ children }: { children: ReactNode }): ReactNode {
  return <div className={styles.page}>{children}</div>;
}

/** Panels beside each other where there is room for at least `min` pixels each. */
export function Columns({ min = 340, children }: { min?: number; children: ReactNode }): ReactNode {
  return (
    <div
      className={styles.columns}
      style={{ gridTemplateColumns: `repeat(auto-fit, minmax(min(${min}px, 100%), 1fr))` }}
    >
      {children}
    </div>
  );
}

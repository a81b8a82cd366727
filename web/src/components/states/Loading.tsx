import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Loading.module.css';

/** Placeholder lines for text; they appear after a moment, so that quick responses do not flicker. */
export function Loading({ lines = 3 }: { lines?: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles.loading} role="status">
      <span className="visually-hidden">{t('loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className={styles.line} aria-hidden="true" />
      ))}
    </div>
  );
}

/** An area where a chart will be. */
export function LoadingArea({ height }: { height: number }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles.area} style={{ height }} role="status">
      <span className="visually-hidden">{t('loading')}</span>
    </div>
  );
}

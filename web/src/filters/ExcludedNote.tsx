import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useExclusions } from '../api/hooks';
import { useFormat } from '../format/useFormat';
import styles from './ScopeBar.module.css';

/** How many sessions of the range no report counts because they are excluded; nothing if there are none. */
export function ExcludedNote({ from, to }: { from: string; to: string }): ReactNode {
  const { t } = useTranslation('filters');
  const format = useFormat();
  const exclusions = useExclusions();
  const started = (exclusions.data?.exclusions ?? []).map((exclusion) => Date.parse(exclusion.started_at));
  const count = started.filter((at) => at >= Date.parse(from) && at < Date.parse(to)).length;
  if (count === 0) return null;
  return (
    <span className={styles.excluded} title={t('excludedHint')}>
      {t('excluded', { count, shown: format.number(count, 0) })}
    </span>
  );
}

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { classNames } from '../components/classNames';
import { textForChart } from '../components/text/clipText';
import { Icon } from '../components/Icon';
import { useLabels } from '../i18n/useLabels';
import styles from './FilterChips.module.css';
import { isSameFilter, type ScopeFilter } from './scope';

interface FilterChipsProps {
  filters: ScopeFilter[];
  ignored: ScopeFilter[];
  /** Why a filter is ignored; by default that the page's rows do not have its dimension. */
  whyIgnored?: (dimension: string) => string;
  onChange: (filters: ScopeFilter[]) => void;
}

const MOST_NAMED = 2;

/** The filters in force, each with a button that removes it. */
export function FilterChips({ filters, ignored, whyIgnored, onChange }: FilterChipsProps): ReactNode {
  const { t } = useTranslation('filters');
  const labels = useLabels();
  const values = (filter: ScopeFilter) => {
    if (filter.operator === 'exists') return '';
    const named = filter.values.slice(0, MOST_NAMED).map((value) => textForChart(String(value), 24));
    const others = filter.values.length - named.length;
    return others > 0 ? `${named.join(', ')} ${t('more', { count: others })}` : named.join(', ');
  };
  return filters.map((filter, place) => {
    const dimension = textForChart(labels.dimension(filter.dimension), 32);
    const operator = labels.operator(filter.operator, filter.values[0]);
    const isIgnored = ignored.some((other) => isSameFilter(other, filter));
    return (
      <span
        key={place}
        className={classNames(styles.chip, isIgnored && styles.ignored)}
        title={isIgnored ? (whyIgnored?.(dimension) ?? t('ignored', { dimension })) : undefined}
      >
        <bdi className={styles.dimension}>{dimension}</bdi>
        <span className={styles.operator}>{operator}</span>
        <bdi className={styles.values}>{values(filter)}</bdi>
        <button
          type="button"
          className={styles.remove}
          aria-label={t('remove', { filter: `${dimension} ${operator} ${values(filter)}` })}
          onClick={() => onChange(filters.filter((_, other) => other !== place))}
        >
          <Icon name="close" size={12} />
        </button>
      </span>
    );
  });
}

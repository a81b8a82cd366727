import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Combobox } from '../../components/controls/Combobox';
import { SegmentedControl } from '../../components/controls/SegmentedControl';
import { useCatalogue } from '../../filters/reportContext';
import { dimensionNamed, METADATA_PREFIX } from '../../filters/scopeFilters';
import { useChangeOwnParams } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { lineDimensions, type ConcurrencyChoice } from './concurrencyChoice';
import styles from './Concurrency.module.css';

/** What is counted, how finely, and by what. */
export function ConcurrencyControls({ choice }: { choice: ConcurrencyChoice }): ReactNode {
  const { t } = useTranslation('concurrency');
  const change = useChangeOwnParams();
  return (
    <>
      <SegmentedControl
        label={t('controls.count')}
        options={[
          { value: 'sessions', label: t('sessions') },
          { value: 'visitors', label: t('visitors') },
        ]}
        value={choice.count}
        onChange={(value) => change({ count: value === 'sessions' ? null : value })}
      />
      <SegmentedControl
        label={t('controls.state')}
        options={[
          { value: 'active', label: t('controls.active') },
          { value: 'playing', label: t('controls.playing') },
        ]}
        value={choice.state}
        onChange={(value) => change({ state: value === 'active' ? null : value })}
      />
      <SegmentedControl
        label={t('controls.granularity')}
        options={[
          { value: 'minute', label: t('controls.minute') },
          { value: 'second', label: t('controls.second') },
        ]}
        value={choice.granularity}
        onChange={(value) => change({ granularity: value === 'minute' ? null : value })}
      />
      <DimensionField by={choice.by} />
    </>
  );
}

/** Stands for no dimension; none is called so. */
const NONE = '';

function DimensionField({ by }: { by: string | null }): ReactNode {
  const { t } = useTranslation('concurrency');
  const catalogue = useCatalogue();
  const labels = useLabels();
  const change = useChangeOwnParams();
  const options = useMemo(() => {
    const option = (name: string) => ({ value: name, label: labels.dimension(name), detail: name });
    const known = lineDimensions(catalogue).map(({ name }) => name);
    const own = by !== null && !known.includes(by) ? [by] : [];
    return [{ value: NONE, label: t('controls.byNone') }, ...[...own, ...known].map(option)];
  }, [catalogue, labels, by, t]);
  const choose = (chosen: string) => {
    if (chosen === NONE) return change({ by: null });
    // Whatever else is typed is the name of a metadata of one's own.
    change({ by: dimensionNamed(catalogue, chosen) ? chosen : `${METADATA_PREFIX}${chosen}` });
  };
  return (
    <div className={styles.dimension}>
      <Combobox label={t('controls.by')} hideLabel options={options} value={by ?? NONE} allowOther onChange={choose} />
    </div>
  );
}

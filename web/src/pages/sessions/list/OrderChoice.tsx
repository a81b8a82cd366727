import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/controls/Button';
import { Combobox } from '../../../components/controls/Combobox';
import { orderOf, sortOf } from '../../../components/tables/tableOrder';
import { useCatalogue } from '../../../filters/reportContext';
import { useLabels } from '../../../i18n/useLabels';
import styles from './SessionListPage.module.css';

interface OrderChoiceProps {
  order: string;
  onChange: (order: string) => void;
}

/** By what the sessions are in order: any number, time or metric of theirs, also one that the table has no column for. */
export function OrderChoice({ order, onChange }: OrderChoiceProps): ReactNode {
  const { t } = useTranslation('sessions');
  const catalogue = useCatalogue();
  const labels = useLabels();
  const sort = sortOf(order);
  const options = useMemo(() => {
    const isOrdered = (type: string) => type !== 'text';
    const dimensions = catalogue.dimensions.filter(
      ({ facts, type, is_list: isList }) => facts.includes('sessions') && isOrdered(type) && !isList,
    );
    const named = new Set(dimensions.map(({ name }) => name));
    const metrics = catalogue.metrics.filter(({ name, can_filter: canFilter }) => canFilter && !named.has(name));
    return [...dimensions, ...metrics]
      .map(({ name }) => ({ value: name, label: labels.dimension(name), detail: name }))
      .sort((one, other) => one.label.localeCompare(other.label));
  }, [catalogue, labels]);
  const isDescending = sort.direction === 'descending';
  return (
    <div className={styles.order}>
      <Combobox
        label={t('list.orderBy')}
        hideLabel
        options={options}
        value={sort.key}
        onChange={(key) => onChange(orderOf({ key, direction: 'descending' }))}
      />
      <Button
        kind="quiet"
        size="small"
        icon={isDescending ? 'down' : 'up'}
        iconOnly
        onClick={() => onChange(orderOf({ key: sort.key, direction: isDescending ? 'ascending' : 'descending' }))}
      >
        {isDescending ? t('list.highestFirst') : t('list.lowestFirst')}
      </Button>
    </div>
  );
}

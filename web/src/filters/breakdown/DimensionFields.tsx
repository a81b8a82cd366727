import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalogue } from '../reportContext';
import { DimensionField } from './DimensionField';

interface DimensionFieldsProps {
  by: readonly string[];
  /** Shows the labels, as in a form. */
  showLabel?: boolean;
  onChange: (by: string[]) => void;
}

/** The dimensions of a breakdown one after the other: a field for each, and one for the next while a query takes more. */
export function DimensionFields({ by, showLabel = false, onChange }: DimensionFieldsProps): ReactNode {
  const { t } = useTranslation('overview');
  const { limits } = useCatalogue();
  const [first = '', ...further] = by;
  const change = (place: number, name: string | null) => {
    const next = [...by];
    next.splice(place, 1, ...(name === null ? [] : [name]));
    onChange([...new Set(next)]);
  };
  const fields = by.length < limits.dimensions ? [...further, null] : further;
  return (
    <>
      <DimensionField showLabel={showLabel} label={t('breakdown.by')} by={first} without={further} onChange={(name) => change(0, name)} />
      {fields.map((name, place) => (
        <DimensionField
          key={place}
          showLabel={showLabel}
          label={t('breakdown.then', { place: place + 2 })}
          by={name}
          none={name === null ? t('breakdown.further') : t('breakdown.noFurther')}
          without={by.filter((other) => other !== name)}
          onChange={(chosen) => change(place + 1, chosen)}
        />
      ))}
    </>
  );
}

import { useMemo, type ReactNode } from 'react';
import { Combobox } from '../../components/controls/Combobox';
import { useLabels } from '../../i18n/useLabels';
import { useCatalogue } from '../reportContext';
import { dimensionNamed, METADATA_PREFIX } from '../scopeFilters';
import { useMetadataSuggestions } from '../useValueSuggestions';
import styles from './Breakdown.module.css';
import { sessionDimensions } from './dimensions';

interface DimensionFieldProps<None extends string | undefined> {
  label: string;
  /** Shows the label, as in a form; elsewhere it is for screen readers. */
  showLabel?: boolean;
  /** The dimension that is chosen; null for none. */
  by: string | null;
  /** The choice of none, where there is one. */
  none?: None;
  /** Dimensions that are not offered, such as those that are chosen beside it. */
  without?: readonly string[];
  /** Leaves out those of which a session can have several values. */
  hideLists?: boolean;
  onChange: (by: None extends string ? string | null : string) => void;
}

/** Stands for no dimension; none is called so. */
const NONE = '';

/** Chooses a dimension of sessions; whatever else is typed is the key of a metadata of one's own. */
export function DimensionField<None extends string | undefined = undefined>(props: DimensionFieldProps<None>): ReactNode {
  const { label, by, none, without, hideLists = false, showLabel = false, onChange } = props;
  const catalogue = useCatalogue();
  const labels = useLabels();
  const keys = useMetadataSuggestions();
  const options = useMemo(() => {
    const option = (name: string) => ({ value: name, label: labels.dimension(name), detail: name });
    const known = sessionDimensions(catalogue).filter(({ is_list }) => !hideLists || !is_list);
    const offered = [...known.map(({ name }) => option(name)), ...keys].filter(({ value }) => !without?.includes(value));
    const isMissing = by !== null && !offered.some(({ value }) => value === by);
    return [...(none === undefined ? [] : [{ value: NONE, label: none }]), ...(isMissing ? [option(by)] : []), ...offered];
  }, [catalogue, labels, keys, by, none, without, hideLists]);
  const choose = (chosen: string) => {
    const name = dimensionNamed(catalogue, chosen) ? chosen : `${METADATA_PREFIX}${chosen}`;
    // None is among the options only where it is a choice.
    (onChange as (by: string | null) => void)(chosen === NONE ? null : name);
  };
  return (
    <div className={showLabel ? undefined : styles.dimension}>
      <Combobox label={label} hideLabel={!showLabel} options={options} value={by ?? NONE} allowOther onChange={choose} />
    </div>
  );
}

import type { ReactNode } from 'react';
import type { Column } from '../../components/tables/DataTable';
import { NamedId } from '../../components/text/NamedId';
import { DimensionValue } from '../../filters/breakdown/useDimensionColumns';
import type { SidesRow } from '../../filters/sides/sides';

/** The column of a dimension's values, by name where they have one; `missing` stands where a session has none. */
export function valueColumn(label: ReactNode, missing: string): Column<SidesRow> {
  return {
    key: 'value',
    label,
    value: ({ value, name }) => name ?? (typeof value === 'boolean' ? String(value) : value),
    csv: ({ value, name }) => (name === null ? value : `${name} · ${value ?? ''}`),
    cell: ({ value, name }) =>
      name === null ? <DimensionValue value={value} missing={missing} /> : <NamedId id={String(value)} name={name} missing={missing} />,
    grows: true,
    minWidth: 160,
  };
}

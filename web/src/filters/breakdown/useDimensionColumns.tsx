import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, otherNames, textOf, type Cell, type ReportResponse } from '../../api/query';
import type { Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { NamedId } from '../../components/text/NamedId';
import { useLabels, type Labels } from '../../i18n/useLabels';
import { useCatalogue } from '../reportContext';
import { dimensionNamed, METADATA_PREFIX } from '../scopeFilters';

/** A column for each dimension of a breakdown; of what has names, the names with the ids below. */
export function useDimensionColumns(answer: ReportResponse, by: readonly string[]): Column<Cell[]>[] {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const catalogue = useCatalogue();
  return useMemo(() => {
    const missing = t('breakdown.none');
    return by.map((dimension, order): Column<Cell[]> => {
      const place = columnIndex(answer, dimension);
      const namedBy = dimensionNamed(catalogue, dimension)?.named_by ?? null;
      const isNamed = namedBy !== null && answer.columns[place + 1]?.kind === 'name';
      const value = (row: Cell[]) => row[place] ?? null;
      const width = order === 0 ? { grows: true, minWidth: 180 } : { minWidth: 120 };
      const label = dimensionName(dimension, labels);
      if (!isNamed) {
        return { key: dimension, label, value: (row) => sortKey(value(row)), cell: (row) => <DimensionValue value={value(row)} missing={missing} />, ...width };
      }
      const name = (row: Cell[]) => textOf(row[place + 1]);
      const others = otherNames(answer, dimension);
      return {
        // The names are in order, as they are what is seen.
        key: namedBy,
        label,
        value: (row) => sortKey(row[place + 1] ?? null),
        csv: (row) => withId(name(row), textOf(value(row))),
        cell: (row) => {
          const id = textOf(value(row));
          return <NamedId id={id} name={name(row)} others={others.get(id ?? '')} missing={missing} />;
        },
        ...width,
      };
    });
  }, [answer, by, catalogue, labels, t]);
}

/** The name of a dimension, for the head of a column and of its file; the key of a custom metadata comes from players. */
export function dimensionName(name: string, labels: Labels): ReactNode {
  const label = labels.dimension(name);
  return name.startsWith(METADATA_PREFIX) ? <HostileText text={label} max={40} /> : label;
}

/** A name with its id in a file, where the two stand in one cell. */
function withId(name: string | null, id: string | null): string {
  return [name, id].filter((text) => text !== null).join(' · ');
}

/** A value of a dimension that has no names. */
export function DimensionValue({ value, missing }: { value: Cell; missing: ReactNode }): ReactNode {
  const labels = useLabels();
  if (value === null || value === '') return <HostileText text={null} missing={missing} />;
  const word = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return <HostileText text={labels.value(word)} max={80} />;
}

function sortKey(value: Cell): string | number | null {
  return typeof value === 'boolean' ? String(value) : value;
}

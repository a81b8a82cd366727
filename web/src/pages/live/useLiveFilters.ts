import { useMemo } from 'react';
import type { Catalogue, DimensionEntry } from '../../api/catalogue';
import { useCatalogueQuery } from '../../api/hooks';
import type { ScopeFilter } from '../../filters/scope';
import { apiFilter, dimensionNamed } from '../../filters/scopeFilters';
import { useScopeOfAddress } from '../../filters/useScope';

export interface LiveFilters {
  /** As held in the address. */
  filters: ScopeFilter[];
  /** Those that say nothing about a session that has just begun; the bar shows them as not applied. */
  ignored: ScopeFilter[];
  /** The others as the parameter of calls; undefined without any, null while it is not known which they are. */
  asked: string | undefined | null;
  catalogue: Catalogue | null;
}

/** Whether live numbers can be filtered by a dimension. */
export function filtersLive(entry: DimensionEntry): boolean {
  return entry.filters_open_sessions;
}

/** The filters of the address, for live numbers. Without any, nothing waits for the catalogue. */
export function useLiveFilters(): LiveFilters {
  const { filters } = useScopeOfAddress();
  const { data, isError } = useCatalogueQuery();
  const catalogue = data ?? null;
  return useMemo(() => {
    const applies = ({ dimension }: ScopeFilter) => {
      // Without a catalogue, the server says what it does not know.
      const entry = catalogue === null ? null : dimensionNamed(catalogue, dimension);
      return catalogue === null || (entry !== null && filtersLive(entry));
    };
    const applied = filters.filter(applies);
    const isKnown = catalogue !== null || isError || filters.length === 0;
    const written = applied.length === 0 ? undefined : JSON.stringify(applied.map(apiFilter));
    return {
      filters,
      ignored: filters.filter((filter) => !applies(filter)),
      asked: isKnown ? written : null,
      catalogue,
    };
  }, [filters, catalogue, isError]);
}

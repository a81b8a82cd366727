import type { Catalogue, DimensionEntry, Fact, MetricEntry } from '../api/catalogue';
import type { Filter, FilterValue } from '../api/query';
import { takesSeveral, type ScopeFilter } from './scope';

export const METADATA_PREFIX = 'custom.';

/** The catalogue entry of a dimension; custom metadata are texts on every row. */
export function dimensionNamed(catalogue: Catalogue, name: string): DimensionEntry | null {
  const known = catalogue.dimensions.find((entry) => entry.name === name || entry.aliases.includes(name));
  if (known) return known;
  const metric = catalogue.metrics.find((entry) => entry.name === name && entry.can_filter);
  if (metric) return measureOf(metric);
  if (!name.startsWith(METADATA_PREFIX) || name.length === METADATA_PREFIX.length) return null;
  return {
    name,
    aliases: [],
    type: 'text',
    definition: catalogue.metadata_dimensions.definition,
    facts: ['sessions', 'ads', 'chapters', 'errors'],
    can_break_down: true,
    is_list: false,
    is_caseless: false,
    named_by: null,
    filters_open_sessions: false,
  };
}

/** A metric as a dimension of sessions: its value in each alone, for filters. */
export function measureOf({ name, aliases, type, definition }: MetricEntry): DimensionEntry {
  return {
    name,
    aliases,
    type,
    definition,
    facts: ['sessions'],
    can_break_down: false,
    is_list: false,
    is_caseless: false,
    named_by: null,
    filters_open_sessions: false,
  };
}

/** Whose rows a page counts; `any` for pages whose filters may be about any rows of a session. */
export type Counted = Fact | 'any';

/** Filters that rows of a table can be filtered by, and those that they cannot. */
export function splitByFact(
  filters: ScopeFilter[],
  fact: Counted,
  catalogue: Catalogue,
): { applied: ScopeFilter[]; ignored: ScopeFilter[] } {
  const applies = ({ dimension }: ScopeFilter) =>
    isCounted(dimensionNamed(catalogue, dimension), fact);
  return { applied: filters.filter(applies), ignored: filters.filter((filter) => !applies(filter)) };
}

/** Whether rows of a table have a dimension. */
export function isCounted(entry: DimensionEntry | null, fact: Counted): boolean {
  return entry !== null && (fact === 'any' || entry.facts.includes(fact));
}

export function apiFilter({ dimension, operator, values }: ScopeFilter): Filter {
  if (takesSeveral(operator)) return { dimension, operator, values };
  return { dimension, operator, value: values[0] ?? '' };
}

/** The filter that lets the rows with a value of a breakdown through; null are those without one. */
export function filterOfValue(dimension: string, value: FilterValue | null): ScopeFilter {
  return value === null
    ? { dimension, operator: 'exists', values: [false] }
    : { dimension, operator: 'in', values: [value] };
}

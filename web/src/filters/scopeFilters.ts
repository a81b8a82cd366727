import type { Catalogue, DimensionEntry, Fact } from '../api/catalogue';
import type { Filter } from '../api/query';
import { takesSeveral, type ScopeFilter } from './scope';

export const METADATA_PREFIX = 'custom.';

/** The catalogue entry of a dimension; custom metadata are texts on every row. */
export function dimensionNamed(catalogue: Catalogue, name: string): DimensionEntry | null {
  const known = catalogue.dimensions.find((entry) => entry.name === name || entry.aliases.includes(name));
  if (known) return known;
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

/** Filters that rows of a table can be filtered by, and those that they cannot. */
export function splitByFact(
  filters: ScopeFilter[],
  fact: Fact,
  catalogue: Catalogue,
): { applied: ScopeFilter[]; ignored: ScopeFilter[] } {
  const applies = ({ dimension }: ScopeFilter) =>
    dimensionNamed(catalogue, dimension)?.facts.includes(fact) ?? false;
  return { applied: filters.filter(applies), ignored: filters.filter((filter) => !applies(filter)) };
}

export function apiFilter({ dimension, operator, values }: ScopeFilter): Filter {
  if (takesSeveral(operator)) return { dimension, operator, values };
  return { dimension, operator, value: values[0] ?? '' };
}

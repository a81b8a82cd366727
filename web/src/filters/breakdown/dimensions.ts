import type { Catalogue, DimensionEntry } from '../../api/catalogue';
import { columnIndex, type Cell, type ReportResponse } from '../../api/query';
import type { ScopeFilter } from '../scope';
import { dimensionNamed, filterOfValue } from '../scopeFilters';

/** Dimensions that sessions can be broken down by. */
export function sessionDimensions(catalogue: Catalogue): DimensionEntry[] {
  return catalogue.dimensions.filter(breaksDownSessions);
}

function breaksDownSessions(entry: DimensionEntry | null): boolean {
  return entry !== null && entry.can_break_down && entry.facts.includes('sessions');
}

/** Those of some names that sessions can be broken down by together, each once and at most as many as a query takes. */
export function breakdownOf(names: readonly string[], catalogue: Catalogue): string[] {
  const possible = [...new Set(names)].filter((name) => breaksDownSessions(dimensionNamed(catalogue, name)));
  return possible.slice(0, catalogue.limits.dimensions);
}

/** Whether a query by these dimensions can have the names of their values beside them: not those that it has already. */
export function canName(by: readonly string[], catalogue: Catalogue): boolean {
  const naming = namingOf(by, catalogue);
  return naming.length > 0 && !naming.some((name) => by.includes(name));
}

/** The dimensions that name values of these, such as `content_name` those of `content_id`. */
export function namingOf(by: readonly string[], catalogue: Catalogue): string[] {
  return by.flatMap((name) => dimensionNamed(catalogue, name)?.named_by ?? []);
}

/** The filters that let the sessions of a row of a breakdown through. */
export function filtersOfRow(answer: ReportResponse, by: readonly string[], row: readonly Cell[]): ScopeFilter[] {
  return by.map((name) => filterOfValue(name, row[columnIndex(answer, name)] ?? null));
}

/** Whether a response is one by exactly these dimensions, and not the one that was shown before. */
export function isBrokenDownBy(answer: ReportResponse, by: readonly string[]): boolean {
  const names = answer.columns.filter(({ kind }) => kind === 'dimension').map(({ name }) => name);
  return names.length === by.length && names.every((name, place) => name === by[place]);
}

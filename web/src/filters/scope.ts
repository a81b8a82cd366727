import type { FilterValue, Operator } from '../api/query';

/** Ranges of time that move along with the day. */
export const PRESETS = ['today', 'yesterday', '7d', '30d', '90d', 'month'] as const;
export type Preset = (typeof PRESETS)[number];

/**
 * A range from the address: a preset, or from and to by the clocks of the time zone. Of two dates the last day is
 * included; of two times (`2026-11-01T10:00`) the end is not.
 */
export type Range = { preset: Preset } | { from: string; to: string };

/** The period to compare with: the one before, the same days a week or a year before, or as many days from a date on. */
export type Comparison = 'previous' | 'week' | 'year' | { from: string };

/** One condition of the scope. `exists` has one boolean, `in` and `not in` any number of values, all others one. */
export interface ScopeFilter {
  dimension: string;
  operator: Operator;
  values: FilterValue[];
}

/** The scope of the pages: held in the address, and the same on all pages. */
export interface Scope {
  range: Range;
  timeZone: string;
  /** Null compares with nothing. */
  compared: Comparison | null;
  segment: string;
  filters: ScopeFilter[];
}

/** Parameters of the address that belong to the scope; all others are the page's own. */
export const SCOPE_PARAMS = ['range', 'tz', 'compare', 'segment', 'f'] as const;

export function defaultScope(timeZone: string): Scope {
  return { range: { preset: '7d' }, timeZone, compared: null, segment: 'all', filters: [] };
}

export function takesSeveral(operator: Operator): boolean {
  return operator === 'in' || operator === 'not in';
}

export function isSameFilter(one: ScopeFilter, other: ScopeFilter): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

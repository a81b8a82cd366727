import type { Catalogue, MetricEntry } from '../../api/catalogue';
import type { ScopeFilter } from '../scope';

export interface SessionsOfMetric {
  filters: ScopeFilter[];
  order?: string;
  /** Whether the metric says how many sessions these are. */
  isCountOfSessions: boolean;
}

/** The sessions behind a metric: those that add to it, the highest first. */
export function sessionsOf({ name, formula, can_filter: canFilter }: MetricEntry, catalogue: Catalogue): SessionsOfMetric {
  const quantileOf = /^(.+)_p\d+$/.exec(name)?.[1];
  if (quantileOf) return { filters: [], order: `-${quantileOf}`, isCountOfSessions: false };
  if (!canFilter) return { filters: [], isCountOfSessions: name === 'sessions' };
  const flag = /^sum\((\w+)\)$/.exec(formula)?.[1];
  const isFlag = catalogue.dimensions.some((entry) => entry.name === flag && entry.type === 'boolean');
  const isCountOfSessions = isFlag || formula.startsWith('count(sessions where');
  return { filters: [{ dimension: name, operator: '>', values: [0] }], order: `-${name}`, isCountOfSessions };
}

import type { ScopeFilter } from '../../filters/scope';
import { sortOf } from '../../components/tables/tableOrder';

/** By what the worst sessions can be in order: columns of sessions that the API sorts by. */
export const WORST_BY = [
  'qoe_score',
  'total_buffer_duration',
  'total_stall_duration',
  'error_events',
  'time_to_start_ms',
  'media_time_spent',
] as const;

/** The lowest score first. */
export const USUAL_WORST = 'qoe_score';

/** The order that an address names, or the usual one. */
export function readWorst(order: string | null): string {
  const isKnown = order !== null && WORST_BY.some((name) => name === sortOf(order).key);
  return isKnown ? order : USUAL_WORST;
}

/** The sessions that an order is about: those whose score is not full, or that have any of what they are ordered by. */
export function worstFilter(order: string): ScopeFilter {
  const { key } = sortOf(order);
  return key === 'qoe_score'
    ? { dimension: key, operator: '<', values: [100] }
    : { dimension: key, operator: '>', values: [0] };
}

import type { Catalogue } from '../../api/catalogue';
import { dimensionNamed } from '../../filters/scopeFilters';

/** What quality is broken down into. */
export const METRICS = [
  'sessions',
  'qoe_score',
  'time_to_start_ms_p50',
  'time_to_start_ms_p95',
  'rebuffer_ratio',
  'error_impacted_streams',
  'error_rate',
  'start_failures',
  'start_failure_rate',
  'exits_before_start',
  'exit_before_start_rate',
] as const;

/** The choices of the reader in the breakdown of quality; held in the address. */
export interface QualityBreakdownChoice {
  /** The dimension. */
  by: string;
  /** The dimension with the names of its values; null when they have none. */
  namedBy: string | null;
  /** A column, with `-` in front from the highest down. */
  order: string;
  rows: number;
}

const USUAL_BY = 'player_name';
const USUAL_ORDER = '-sessions';
const USUAL_ROWS = 10;
const MOST_ROWS = 1_000;
export const MORE_ROWS = 40;

export function readBreakdown(params: URLSearchParams, catalogue: Catalogue): QualityBreakdownChoice {
  const asked = dimensionNamed(catalogue, params.get('by') ?? USUAL_BY);
  const isKnown = asked !== null && asked.can_break_down && asked.facts.includes('sessions');
  const dimension = isKnown ? asked : dimensionNamed(catalogue, USUAL_BY);
  const by = dimension?.name ?? USUAL_BY;
  const namedBy = dimension?.named_by ?? null;
  const order = params.get('order') ?? USUAL_ORDER;
  const isOrdered = [...METRICS, by, namedBy].some((name) => name === order.replace(/^-/, ''));
  const rows = Math.trunc(Number(params.get('rows')));
  return {
    by,
    namedBy,
    order: isOrdered ? order : USUAL_ORDER,
    rows: rows > 0 ? Math.min(rows, MOST_ROWS) : USUAL_ROWS,
  };
}

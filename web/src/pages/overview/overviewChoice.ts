import type { Catalogue, MetricEntry } from '../../api/catalogue';
import { breakdownOf, canName, namingOf } from '../../filters/breakdown/dimensions';

/** The choices of the reader on the overview; held in the address. */
export interface OverviewChoice {
  /** The headline metrics, in order; at least one. */
  metrics: string[];
  /** The metric of the chart, one of them. */
  shown: string;
  /** The dimension whose values have a line each in the chart; null for one line of all. */
  lines: string | null;
  /** The dimensions of the breakdown, one to three. */
  by: string[];
  /** Whether the names of their values stand in their place, of those that have some. */
  names: boolean;
  /** A column of the breakdown, with `-` in front from the highest down. */
  order: string;
  /** Rows of the breakdown. */
  rows: number;
}

export const USUAL_METRICS = [
  'media_starts',
  'content_starts',
  'visitors',
  'content_time_spent',
  'content_completion_rate',
  'rebuffer_ratio',
];

/** Dimensions that are drilled into one after the other, from the wide to the narrow. */
const DRILL_ORDER = ['channel', 'content_type', 'content_id', 'player_name', 'app_version'];

const USUAL_ROWS = 20;
const MOST_ROWS = 1_000;

export function readChoice(params: URLSearchParams, catalogue: Catalogue): OverviewChoice {
  const known = new Set(sessionMetrics(catalogue).map(({ name }) => name));
  const asked = (params.get('metrics') ?? '').split(',').filter((name) => known.has(name));
  const unique = [...new Set(asked)].slice(0, catalogue.limits.metrics);
  const metrics = unique.length === 0 ? USUAL_METRICS.filter((name) => known.has(name)) : unique;
  const first = metrics[0] ?? 'sessions';
  const shown = params.get('show') ?? first;
  const chosen = breakdownOf(params.getAll('by'), catalogue);
  const by = chosen.length === 0 ? ['channel'] : chosen;
  const names = canName(by, catalogue);
  const order = params.get('order') ?? `-${first}`;
  const rows = Math.trunc(Number(params.get('rows')));
  const isOrdered = [...metrics, ...by, ...(names ? namingOf(by, catalogue) : [])].includes(order.replace(/^-/, ''));
  return {
    metrics,
    shown: metrics.includes(shown) ? shown : first,
    lines: breakdownOf(params.getAll('lines'), catalogue)[0] ?? null,
    by,
    names,
    order: isOrdered ? order : `-${first}`,
    rows: rows > 0 ? Math.min(rows, MOST_ROWS) : USUAL_ROWS,
  };
}

/** Metrics that can be counted over sessions, and so beside each other. */
export function sessionMetrics(catalogue: Catalogue): MetricEntry[] {
  return catalogue.metrics.filter(({ facts }) => facts.includes('sessions'));
}

/** The dimension to look at after one value of `by` was picked. */
export function nextDimension(by: string, filtered: readonly string[]): string {
  const isOpen = (name: string) => name !== by && !filtered.includes(name);
  const behind = DRILL_ORDER.slice(DRILL_ORDER.indexOf(by) + 1);
  return behind.find(isOpen) ?? DRILL_ORDER.find(isOpen) ?? by;
}

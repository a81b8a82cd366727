import type { MetricEntry } from '../api/catalogue';
import { quantile } from './quantile';

/** How a metric is counted, by the kind of its formula, with numbers that show it. */
export type MetricRule =
  | { kind: 'sum'; values: [number, number, number]; result: number }
  | { kind: 'flag' | 'distinct'; result: number }
  | { kind: 'mean'; values: [number, number]; result: number }
  | { kind: 'halfHours' | 'audience'; seconds: number[]; result: number }
  | { kind: 'quantile'; of: string; share: number; values: number[]; result: number }
  | { kind: 'ratio'; above: string; below: string[]; scale: number; values: [number, number]; result: number };

/** Values that sessions could have, by unit. */
const SUMS: Partial<Record<MetricEntry['unit'], [number, number, number]>> = {
  seconds: [60, 0, 90],
  ms: [800, 0, 1_200],
};

export function ruleOf({ name, formula, unit }: MetricEntry): MetricRule {
  if (name === 'estimated_streams') return { kind: 'halfHours', seconds: [600, 2_400], result: 3 };
  if (name === 'average_minute_audience') return { kind: 'audience', seconds: [600, 300, 600], result: 1.5 };
  if (name === 'visitors') return { kind: 'distinct', result: 7 };
  const share = /^percentile_cont\((0\.\d+)\).*order by (\w+)\)$/.exec(formula);
  if (share) {
    const values = unit === 'ms' ? [600, 800, 1_000, 1_500, 4_000] : unit === 'seconds' ? [0, 1, 2, 4, 20] : [1_200, 2_400, 2_400, 4_800, 4_800];
    return { kind: 'quantile', of: share[2] ?? name, share: Number(share[1]), values, result: quantile(values, Number(share[1])) };
  }
  if (formula.startsWith('avg(')) {
    if (name === 'qoe_score') return { kind: 'mean', values: [60, 90], result: 75 };
    const values: [number, number] = unit === 'frames_per_second' ? [25, 50] : [2_000, 4_000];
    return { kind: 'mean', values, result: (values[0] + values[1]) / 2 };
  }
  if (formula.includes(' / ')) return ratioOf(formula);
  const isFlag = /^sum\((is_open|start_failure|exit_before_start|media_start|content_\w+|drop_before_start|progress_\d+)\)$/.test(formula) && unit === 'count';
  if (isFlag || formula.startsWith('count(')) return { kind: 'flag', result: formula.startsWith('count(distinct') ? 10 : 3 };
  const values = SUMS[unit] ?? [2, 0, 5];
  return { kind: 'sum', values, result: values[0] + values[1] + values[2] };
}

/** `a / b`, `a / 1000 / b` or `a / (a + b)`. */
function ratioOf(formula: string): MetricRule {
  const [above = '', ...rest] = formula.split(' / ');
  const below = (rest.at(-1) ?? '').replace(/[()]/g, '').split(' + ');
  const scale = rest.length > 1 ? Number(rest[0]) : 1;
  const isTime = (name: string) => /time|duration/.test(name);
  const values: [number, number] = scale > 1 ? [1_500, 600] : isTime(above) ? (isTime(below[0] ?? '') ? [30, 600] : [600, 4]) : [3, 12];
  return { kind: 'ratio', above, below, scale, values, result: values[0] / scale / values[1] };
}

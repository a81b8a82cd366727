import type { Sort } from './DataTable';

/** The sorting that an `order_by` of the API means: the name of a column, with `-` in front for the highest first. */
export function sortOf(order: string): Sort {
  const isDescending = order.startsWith('-');
  return { key: isDescending ? order.slice(1) : order, direction: isDescending ? 'descending' : 'ascending' };
}

/** A sorting as the API takes it. */
export function orderOf({ key, direction }: Sort): string {
  return direction === 'descending' ? `-${key}` : key;
}

/** The page of two sets of sessions side by side. */
export const sides = {
  title: 'Side by side',
  hint: 'Give A and B filters of their own and see their numbers beside each other.',
  names: { a: 'A', b: 'B' },
  swap: 'Swap A and B',
  all: 'all sessions',
  allHint: 'All sessions of the page. Add a filter to narrow them down.',
  totals: 'Totals',
  metric: 'Metric',
  difference: 'B − A',
  change: 'B against A',
  overTime: '{{metric}} over time',
  byDimension: '{{metric}} by {{dimension}}',
  bothHint: 'The values with the most on both sides together. A session that is in A and in B counts on both sides.',
  empty: {
    title: 'No sessions on either side',
    hint: 'Choose a longer range or remove a filter.',
  },
};

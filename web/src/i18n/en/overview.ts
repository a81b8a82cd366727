/** The overview page. */
export const overview = {
  title: 'Overview',
  headline: 'Headline metrics',
  before: 'Period before',
  markHint: 'Drag across the chart to look at a part of it.',
  empty: {
    title: 'No sessions in this range',
    hint: 'Choose a longer range or remove a filter.',
  },
  metrics: {
    button: 'Metrics',
    title: 'Choose metrics',
    add: 'Add a metric',
    search: 'Search metrics',
    remove: 'Remove {{metric}}',
    usual: 'Back to the default metrics',
  },
  breakdown: {
    title: 'Breakdown: {{dimension}}',
    hint: 'Choose a row to look at it alone and by the next dimension.',
    by: 'Break down by',
    then: 'Dimension {{place}} of the breakdown',
    further: '+ dimension',
    noFurther: 'Remove this dimension',
    none: 'No value',
    total: 'Total',
    more: 'Show more',
    shown: '{{shown}} of {{all}}',
  },
};

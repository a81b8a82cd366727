/** Annotations of the time axis. */
export const annotation = {
  title: 'Annotations',
  shown_one: '{{count}} annotation',
  shown_other: '{{count}} annotations',
  add: 'Add annotation',
  saved: 'Annotation saved',
  text: 'What happened',
  at: 'When ({{zone}})',
  to: 'Until (empty for a moment)',
  kind: 'Kind',
  suite: 'Report suite (empty for all)',
  kinds: {
    release: 'Release',
    outage: 'Outage',
    other: 'Other',
  },
};

/** Time spent by the clock. */
export const time = {
  title: 'Time spent by the clock',
  label: 'Time that content and ads played in each part of the clock',
  hint: '{{time}} of content and ads in all.',
  shorter: 'Shorter parts can be chosen for shorter ranges.',
  bucket: 'Length of a part',
  minutes: '{{minutes}} min',
  played: 'Time spent',
  other: 'Other values',
  tooLong: 'This range is too long to count every hour',
  tooLongHint: 'Choose a range of at most {{days}} days.',
  empty: 'Nothing played in this range',
  emptyHint: 'Choose a longer range, or remove filters.',
};

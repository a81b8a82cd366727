/** The page of one visitor. */
export const visitor = {
  title: 'Visitor',
  hint: 'Everything that one visitor watched in this range, and what went wrong. Choose a session to see it event by event.',
  back: 'All sessions',
  copyId: 'Copy visitor ID',
  open: 'Everything about this visitor',
  numbers: 'The visitor in numbers',
  firstSeen: 'First seen',
  lastSeen: 'Last seen',
  players: 'Players',
  sessions: 'Sessions of this visitor, latest first',
  severalKinds:
    'This text is an ID of {{count}} kinds here, which may be different people. The sessions of all of them are shown and counted.',
  nobodyTitle: 'No session has this visitor ID',
  nobodyHint:
    'IDs must match exactly, upper and lower case included. Search for a part of the ID, or look for the content that the visitor watched: the player may send another ID, or none. Sessions that are excluded from reports, or older than the server keeps them, are not found.',
  searchPart: 'Search for this text in all sessions',
  otherDaysTitle: 'This visitor has no sessions in this range',
  otherDaysHint: 'The visitor was first seen on {{first}} and last seen on {{last}}.',
  showOtherDays: 'Show these days',
};

/** For each diagnosis: its title, what happened, and what to fix in the player. */
export const diagnoses = {
  event_before_start: {
    title: 'Event before the start',
    happened:
      'The first event after sessionStart carries an earlier timestamp; the session starts at that earlier time.',
    fix: 'Send sessionStart with the time at which it was queued, not the time at which it was sent.',
  },
  late_event: {
    title: 'Late event',
    happened:
      'An event came after the reorder window had closed behind its timestamp; it took effect with no elapsed time.',
    fix: 'Send events when they happen, and do not hold back single ones for longer than the reorder window.',
  },
  playhead_out_of_range: {
    title: 'Playhead out of range',
    happened:
      'An event’s playhead lies below 0, where it counted as 0, or more than a second beyond the end of the content.',
    fix: 'Report the playhead in seconds from the start of the content (seconds of the day when live).',
  },
  playhead_frozen: {
    title: 'Playhead frozen',
    happened:
      'The playhead stood still for more than a minute of playback; that time is a stall, not content time.',
    fix: 'Send the playhead of the moment with every event, for live content too: the second of the day.',
  },
  unknown_param: {
    title: 'Unknown parameter',
    happened: 'params or qoeData held a key that is not documented for the event; it is kept in the raw event only.',
    fix: 'Check the spelling of the key; put your own values into customMetadata.',
  },
  missing_param: {
    title: 'Missing parameter',
    happened: 'A mandatory key was missing; the validation level lenient let it pass.',
    fix: 'Send every mandatory key: stricter levels refuse the event.',
  },
  ad_break_not_completed: {
    title: 'Ad break not completed',
    happened: 'An ad break began inside an open one, which was closed first.',
    fix: 'Send adBreakComplete at the end of every ad break.',
  },
  ad_not_completed: {
    title: 'Ad not completed',
    happened: 'An ad began while another was open, which was closed as not completed.',
    fix: 'Send adComplete or adSkip at the end of every ad.',
  },
  ad_outside_break: {
    title: 'Ad outside a break',
    happened: 'An ad began outside an ad break; it was ignored and its time stayed content time.',
    fix: 'Send adBreakStart before the first ad of a break.',
  },
  ad_not_started: {
    title: 'Ad not started',
    happened: 'An ad ended that had not begun; the event was ignored.',
    fix: 'Send adStart before adComplete or adSkip.',
  },
  ad_break_not_started: {
    title: 'Ad break not started',
    happened: 'An ad break ended that had not begun; the event was ignored.',
    fix: 'Send adBreakStart before adBreakComplete.',
  },
  chapter_not_completed: {
    title: 'Chapter not completed',
    happened: 'A chapter began while another was open, which was closed as not completed.',
    fix: 'Send chapterComplete or chapterSkip at the end of every chapter.',
  },
  chapter_not_started: {
    title: 'Chapter not started',
    happened: 'A chapter ended that had not begun; the event was ignored.',
    fix: 'Send chapterStart before chapterComplete or chapterSkip.',
  },
  state_not_started: {
    title: 'State not started',
    happened: 'A player state ended that had not begun; the event was ignored.',
    fix: 'Send stateStart before stateEnd, with the same name.',
  },
  too_many_states: {
    title: 'Too many states',
    happened: 'More than ten distinct player states were reported; the later ones were ignored.',
    fix: 'Use at most ten names of player states in a session.',
  },
  session_too_large: {
    title: 'Session too large',
    happened:
      'The session went past a limit on what one session may hold; detail rows or spans were dropped. Counts and times go on, but parts of the content watched from then on may be missing from the unique time played.',
    fix: 'Look for a loop in the player that opens ads, chapters or errors again and again.',
  },
  clock_wrong: {
    title: 'Device clock was wrong',
    happened:
      'sessionStart lay more than a day ahead of its arrival or before 2015, or a downloaded session ended more than a day ahead of its arrival. All its times were moved: it begins when sessionStart arrived, a downloaded one ends when it arrived.',
    fix: 'Wait until the device knows the time before you send sessionStart, or ask a server for the time.',
  },
  clock_step: {
    title: 'Device clock was set',
    happened:
      'An event lay more than ten minutes (the idle timeout if that is longer; a day in a downloaded session) before or after the latest one. It counts as later than that one by the time that went by between their arrivals, in a downloaded session by none.',
    fix: 'Measure ts with a clock that nobody sets: take the time once, and add what a monotonic clock says.',
  },
  ts_in_seconds: {
    title: 'Timestamps in seconds',
    happened:
      'A ts looks like seconds since 1970. It was taken for milliseconds, so that only a thousandth of the time between such events counts.',
    fix: 'Send ts in milliseconds since 1970.',
  },
  server_clock_stepped: {
    title: 'Server clock was set',
    happened:
      'The server’s clock was set forwards or back while the session was open. Times of arrival are those of the clock as it went then; timeouts went on by the time that really passed.',
    fix: 'Nothing: this is not the player’s doing. Keep the server’s clock synchronised.',
  },
};

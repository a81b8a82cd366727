// The expected row of a session, computed from the page's own log by the rules of the accounting contract: events in
// order of time; the state after an event decides the account for the time until the next one.

const PLAYBACK_AFTER = { play: 'playing', pauseStart: 'paused', bufferStart: 'buffering', sessionComplete: 'ended' };

/**
 * @param {{ts: number, playhead: number, type: string, event: object}[]} log in the order in which things happened
 */
export function expectedRow(log) {
  // Array.prototype.sort keeps the order of equal elements, which is the order in which they happened.
  const events = [...log].sort((one, other) => one.ts - other.ts);
  const start = events[0].event;
  const length = start.params['media.length'];
  const ms = { content: 0, ad: 0, pause: 0, buffer: 0 };
  let pauses = 0;
  let bufferings = 0;
  const ads = [];
  const chapters = [];
  const states = new Map();
  const watched = [];
  const playheads = [];
  const quality = {};
  const bitrates = [];
  let playback = 'starting';
  let isInBreak = false;
  let ad = null;
  let chapter = null;

  for (const [index, { ts, playhead, type, event }] of events.entries()) {
    const before = events[Math.max(index - 1, 0)];
    const elapsed = ts - before.ts;
    const isPlaying = playback === 'starting' || playback === 'playing';
    if (playback === 'paused') ms.pause += elapsed;
    if (playback === 'buffering') ms.buffer += elapsed;
    if (isPlaying && ad) {
      ms.ad += elapsed;
      ad.ms += elapsed;
    }
    const isContent = playback === 'playing' && !isInBreak;
    if (isContent) {
      ms.content += elapsed;
      if (chapter) chapter.ms += elapsed;
      if (playhead > before.playhead) watched.push([before.playhead, playhead]);
    }
    if (isContent || (isPlaying && ad)) bitrates.push({ elapsed, bitrate: quality['media.qoe.bitrate'] });
    for (const state of states.values()) {
      if (state.isOpen) state.ms += elapsed;
    }

    const params = event.params ?? {};
    if (type === 'pauseStart' && playback !== 'paused') pauses += 1;
    if (type === 'bufferStart' && playback !== 'buffering') bufferings += 1;
    playback = PLAYBACK_AFTER[type] ?? playback;
    if (type === 'adBreakStart') isInBreak = true;
    if (type === 'adBreakComplete') isInBreak = false;
    if (type === 'adStart') ads.push(ad = { id: params['media.ad.id'], end: 'not_completed', ms: 0 });
    if (type === 'adComplete') ad.end = 'completed';
    if (type === 'adSkip') ad.end = 'skipped';
    if (type === 'adComplete' || type === 'adSkip') ad = null;
    if (type === 'chapterStart') {
      chapters.push(chapter = { name: params['media.chapter.friendlyName'], end: 'not_completed', ms: 0 });
    }
    if (type === 'chapterComplete') chapter.end = 'completed';
    if (type === 'chapterSkip') chapter.end = 'skipped';
    if (type === 'chapterComplete' || type === 'chapterSkip') chapter = null;
    if (type === 'stateStart' || type === 'stateEnd') {
      const name = params['media.state.name'];
      const state = states.get(name) ?? { name, count: 0, ms: 0 };
      state.isOpen = type === 'stateStart';
      state.count += state.isOpen ? 1 : 0;
      states.set(name, state);
    }
    Object.assign(quality, event.qoeData);
    if (ms.content > 0 || (playback === 'playing' && !isInBreak)) playheads.push(playhead);
  }

  const types = (type) => events.filter((entry) => entry.type === type);
  const hasReached = (percent) => Math.max(...playheads) / length >= percent / 100;
  const errors = types('error').map(({ ts, playhead, event }) => ({
    id: event.qoeData['media.qoe.errorID'], at: new Date(ts).toISOString(), playhead,
  }));
  return {
    content_id: start.params['media.id'],
    content_length: length,
    source: 'collection_v1',
    started_at: new Date(events[0].ts).toISOString(),
    last_event_at: new Date(events.at(-1).ts).toISOString(),
    event_count: events.length,
    is_open: false,
    diagnoses: [],
    media_start: true,
    content_start: true,
    content_complete: types('sessionComplete').length > 0,
    drop_before_start: false,
    content_time_spent: ms.content / 1_000,
    ad_time_spent: ms.ad / 1_000,
    media_time_spent: (ms.content + ms.ad) / 1_000,
    unique_time_played: unionLength(watched),
    total_pause_duration: ms.pause / 1_000,
    total_buffer_duration: ms.buffer / 1_000,
    total_stall_duration: 0,
    pause_events: pauses,
    buffer_events: bufferings,
    stall_events: 0,
    error_events: errors.length,
    bitrate_changes: types('bitrateChange').length,
    ad_count: ads.length,
    ad_completes: ads.filter(({ end }) => end === 'completed').length,
    chapter_count: chapters.length,
    chapter_completes: chapters.filter(({ end }) => end === 'completed').length,
    progress_10: hasReached(10),
    progress_25: hasReached(25),
    progress_50: hasReached(50),
    progress_75: hasReached(75),
    progress_95: hasReached(95),
    content_segment: '0-5',
    average_minute_audience: Math.round(ms.content / 1_000 / length * 10_000) / 10_000,
    estimated_streams: 1,
    average_bitrate: weightedAverage(bitrates),
    dropped_frames: quality['media.qoe.droppedFrames'],
    frames_per_second: quality['media.qoe.framesPerSecond'],
    time_to_start_ms: quality['media.qoe.timeToStart'] ?? null,
    player_errors: [...new Set(errors.map(({ id }) => id))],
    external_errors: [],
    states: [...states.values()].map(({ name, count, ms: time }) => ({ name, count, time: time / 1_000 })),
    ads: ads.map(({ id, end, ms: time }) => ({ ad_id: id, end, time_played: time / 1_000 })),
    chapters: chapters.map(({ name, end, ms: time }) => ({ chapter_name: name, end, time_played: time / 1_000 })),
    errors: errors.map(({ id, at, playhead }) => ({ error_id: id, source: 'player', at, playhead })),
  };
}

/** The row as the server gives it, reduced to what the other one says. */
export function comparable(row, expected) {
  return Object.fromEntries(Object.entries(expected).map(([column, value]) => {
    const isListOfRows = Array.isArray(value) && typeof value[0] === 'object';
    return [column, isListOfRows ? row[column].map((part) => comparable(part, value[0])) : row[column]];
  }));
}

function unionLength(spans) {
  let total = 0;
  let reached = -Infinity;
  for (const [from, to] of [...spans].sort((one, other) => one[0] - other[0])) {
    total += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return total;
}

function weightedAverage(parts) {
  const total = parts.reduce((sum, { elapsed }) => sum + elapsed, 0);
  return parts.reduce((sum, { elapsed, bitrate }) => sum + elapsed * bitrate, 0) / total;
}
